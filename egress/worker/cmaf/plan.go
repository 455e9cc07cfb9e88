package cmaf

// Units: ticks of 90 kHz since the run's zero.
const (
	VideoHz = 90_000
	SoundHz = 48_000

	tick = VideoHz / 1000 // one ms

	// A part is closed at the first frame past this: seven frames of 30.
	partTarget = 230 * tick
	// Twelve AAC frames: a longer interval could hold thirteen, 277 ms, more
	// than the PART-TARGET of 270 ms.
	partMax = 256 * tick
	// Shorter tails coincided with stalls in players.
	partMin = 40 * tick
)

// nextPart decides how many of the queued frames make up the next part; it
// ends where frames[n] starts. Zero: not to be known yet.
//
// at are starting times; boundary(i) says that frame i starts a segment. One
// frame of look-ahead keeps the last part of a segment from being a sliver.
func nextPart(at []int64, boundary func(int) bool) int {
	for i := 1; i < len(at); i++ {
		length := at[i] - at[0]
		last := boundary(i)
		if length > partMax {
			return beforeGap(at, i, last)
		}
		if last {
			return i
		}
		if length < partTarget {
			continue
		}
		if i+1 == len(at) {
			return 0
		}
		if !boundary(i+1) || at[i+1]-at[i] >= partMin {
			return i
		}
		if at[i+1]-at[0] <= partMax {
			return i + 1
		}
		return max(1, i-1)
	}
	return 0
}

// beforeGap: frame i starts too late. The part ends at an earlier frame, if
// what is left on both sides is no sliver.
func beforeGap(at []int64, i int, boundary bool) int {
	for n := i - 1; n >= 1; n-- {
		if at[n]-at[0] < partMin {
			break
		}
		if !boundary || at[i]-at[n] >= partMin {
			return n
		}
	}
	return i
}
