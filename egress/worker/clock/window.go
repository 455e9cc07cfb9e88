package clock

import "time"

// A laptop's clock drifts by up to 50 ppm (3 ms a minute), so the smallest
// delay is forgotten after a minute; ten buckets keep that cheap.
const (
	windowBuckets  = 10
	bucketDuration = 6 * time.Second
)

// minWindow holds the smallest value seen in about the last minute.
type minWindow struct {
	values [windowBuckets]time.Duration
	ages   [windowBuckets]int64
	filled [windowBuckets]bool
}

func (w *minWindow) add(value time.Duration, now time.Time) {
	age := now.UnixNano() / int64(bucketDuration)
	slot := ((age % windowBuckets) + windowBuckets) % windowBuckets
	if !w.filled[slot] || w.ages[slot] != age || value < w.values[slot] {
		w.values[slot], w.ages[slot], w.filled[slot] = value, age, true
	}
}

func (w *minWindow) min(now time.Time) (time.Duration, bool) {
	age := now.UnixNano() / int64(bucketDuration)
	var best time.Duration
	found := false
	for i := range w.values {
		if !w.filled[i] || age-w.ages[i] >= windowBuckets {
			continue
		}
		if !found || w.values[i] < best {
			best, found = w.values[i], true
		}
	}
	return best, found
}

func (w *minWindow) reset() { *w = minWindow{} }
