package cmaf

// Units: ticks of 90 kHz since the run's zero.
const (
	VideoHz = 90_000
	SoundHz = 48_000

	tick = VideoHz / 1000 // one ms

	// A part is closed at the first frame past this: seven frames of 30. Players
	// count on 85 % of the PART-TARGET of 270 ms in all parts but a segment's last
	// (RFC 8216bis, 4.4.4.9): 229.5 ms.
	partTarget = 230 * tick
	partMax    = 270 * tick
	// Shorter tails coincided with stalls in players.
	partMin = 40 * tick
)

// nextPart decides how many of the queued frames make up the next part, and
// where it ends: there frame n has to start, which may be a little off its own
// time. Zero: not to be known yet.
//
// at are starting times; boundary(i) says that frame i starts a segment. A
// look ahead of 40 ms keeps the last part of a segment from being a sliver.
func nextPart(at []int64, boundary func(int) bool) (n int, end int64) {
	for i := 1; i < len(at); i++ {
		length := at[i] - at[0]
		switch {
		case length > partMax:
			return beforeGap(at, i, boundary)
		case boundary(i):
			return i, at[i]
		case length >= partTarget:
			return endAt(at, i, at[i], boundary)
		}
	}
	return 0, 0
}

// beforeGap: frame i starts too late, and the one before it too early. The one
// that has less far to go moves.
func beforeGap(at []int64, i int, boundary func(int) bool) (n int, end int64) {
	late, early := at[0]+partTarget, at[0]+partMax
	if i > 1 && late-at[i-1] <= at[i]-early {
		return i - 1, late
	}
	return endAt(at, i, early, boundary)
}

// endAt: the part could end there with frame i, if no segment starts right after.
func endAt(at []int64, i int, end int64, boundary func(int) bool) (int, int64) {
	if boundary(i) {
		return i, end
	}
	for j := i; j < len(at); j++ {
		if at[j]-end >= partMin {
			return i, end
		}
		if !boundary(j) {
			continue
		}
		if at[j]-at[0] <= partMax {
			return j, at[j]
		}
		return i, at[j] - partMin
	}
	return 0, 0
}

const (
	// Eleven AAC frames last 235 ms, twelve 256.
	soundPart    = 11
	soundPartMax = 12
)

// nextSoundPart decides how many of so many frames of sound make up the next
// part where there is no picture. Two are kept back for a segment's last part: a
// single one would be left to the next segment, and the part hinted at not come.
func nextSoundPart(frames int64, last bool) int64 {
	switch {
	case last && frames > 1 && frames <= soundPartMax:
		return frames
	case frames > soundPartMax:
		return soundPart
	default:
		return 0
	}
}
