package cmaf

import "testing"

func TestTheRateOfAFirstPartIsThatOfItsPictures(t *testing.T) {
	for name, c := range map[string]struct {
		ms   []int64
		want float64
	}{
		"a camera":                     {[]int64{0, 33, 67, 100, 133, 167, 200, 233}, 30},
		"a slow one":                   {[]int64{0, 67, 133, 200, 267}, 15},
		"a key frame that came late":   {[]int64{60, 67, 70, 100, 133, 167, 200, 233, 267}, 30},
		"frames as they come":          {[]int64{0, 41, 78, 121, 162, 199, 241}, 25},
		"a picture and its repeats":    {[]int64{0, 115, 230}, 9},
		"one picture says nothing yet": {[]int64{0}, 0},
	} {
		var pictures []queued
		for _, ms := range c.ms {
			pictures = append(pictures, queued{Picture: Picture{At: ms * tick}})
		}
		if got := rate(pictures); got != c.want {
			t.Errorf("%s: %f, not %f", name, got, c.want)
		}
	}
}
