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
// at are starting times; boundary(i) says that frame i starts a segment. A
// look ahead of 40 ms keeps the last part of a segment from being a sliver.
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
		if length >= partTarget {
			return ahead(at, i, boundary)
		}
	}
	return 0
}

// ahead: the part could end at frame i, if no segment starts right after.
func ahead(at []int64, i int, boundary func(int) bool) int {
	for j := i + 1; j < len(at); j++ {
		if at[j]-at[i] >= partMin {
			return i
		}
		if !boundary(j) {
			continue
		}
		if at[j]-at[0] <= partMax {
			return j
		}
		return beforeGap(at, j, true)
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
