package cmaf

import (
	"math"
	"slices"
)

// Frames a second that cameras and browsers are set to.
var commonRates = []float64{5, 10, 15, 20, 24, 25, 30, 50, 60}

// rateSlack: as long as a publisher's clock is not known, frames have the times
// of their arrival.
const rateSlack = 0.1

// ToRate is what a publisher is set to that sends about so many frames a second.
func ToRate(measured float64) float64 {
	best := math.Round(measured)
	off := rateSlack * measured
	for _, rate := range commonRates {
		if d := math.Abs(rate - measured); d <= off {
			best, off = rate, d
		}
	}
	return best
}

// rate of pictures of which no more is known than a first part: by half of the
// intervals, as a key frame may come late, and what follows it all at once. Zero:
// there is only one.
func rate(pictures []queued) float64 {
	var every []int64
	for i, p := range pictures[1:] {
		every = append(every, p.At-pictures[i].At)
	}
	slices.Sort(every)
	every = every[len(every)/4 : len(every)-len(every)/4]
	span := int64(0)
	for _, interval := range every {
		span += interval
	}
	if span == 0 {
		return 0
	}
	return ToRate(float64(len(every)) * VideoHz / float64(span))
}
