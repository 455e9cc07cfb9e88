//go:build race

package room

func init() { driftLength /= 10 }
