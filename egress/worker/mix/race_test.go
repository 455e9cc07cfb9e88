//go:build race

package mix

func init() { minutesOfDrift = 3 }
