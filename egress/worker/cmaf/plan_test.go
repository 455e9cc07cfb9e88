package cmaf

import (
	"math/rand/v2"
	"testing"
)

// part of a plan; the last one of a segment may be short.
type part struct {
	from, to int64
	last     bool
}

func (p part) check(t *testing.T) {
	t.Helper()
	length, least := p.to-p.from, int64(partMax*85/100)
	if p.last {
		least = partMin
	}
	if length > partMax || length < least {
		t.Errorf("a part of %v ms, the last: %v", float64(length)/tick, p.last)
	}
}

// cut plans a whole run: starts of frames in ms, and which start segments.
func cut(at []int64, starts map[int]bool) (parts []part) {
	from := 0
	for {
		n, end := nextPart(at[from:], func(i int) bool { return starts[from+i] })
		if n == 0 {
			return parts
		}
		parts = append(parts, part{at[from], end, starts[from+n]})
		from += n
		at[from] = end
	}
}

func every(ms float64, count int) []int64 {
	at := make([]int64, count)
	for i := range at {
		at[i] = int64(float64(i) * ms * tick)
	}
	return at
}

func TestPartsAreAboutAQuarterOfASecondAtAnyFrameRate(t *testing.T) {
	for _, rate := range []float64{60, 30, 29.97, 25, 24, 20, 15, 12, 10, 8, 5} {
		count := int(rate * 20)
		starts := map[int]bool{0: true}
		for i := range count {
			if i%int(rate*2) == 0 {
				starts[i] = true
			}
		}
		for _, p := range cut(every(1000/rate, count), starts) {
			p.check(t)
		}
	}
}

func TestThereIsNoSliverBeforeASegment(t *testing.T) {
	for boundary := 8; boundary < 60; boundary++ {
		for _, p := range cut(every(33.3, 90), map[int]bool{0: true, boundary: true}) {
			p.check(t)
		}
	}
}

func TestAPartWaitsForTheFrameAfterIt(t *testing.T) {
	at := every(33.4, 8) // 0 .. 233.8
	none := func(int) bool { return false }
	if n, _ := nextPart(at, none); n != 0 {
		t.Errorf("decided after %d frames without having seen the next", n)
	}
	if n, _ := nextPart(append(at, 267*tick, 300*tick), none); n != 7 {
		t.Errorf("%d frames", n)
	}
}

func TestABurstOfLateFramesBeforeASegmentIsNoSliver(t *testing.T) {
	for burst := range 12 {
		at := every(115, 5)
		for range burst {
			at = append(at, at[len(at)-1]+frameMin)
		}
		boundary := len(at) - 1
		at = append(at, at[boundary]+40*tick, at[boundary]+80*tick)
		for _, p := range cut(at, map[int]bool{0: true, boundary: true}) {
			p.check(t)
		}
	}
}

func TestUnevenFramesNeverMakeAHole(t *testing.T) {
	const seed = 20261101
	random := rand.New(rand.NewPCG(seed, 1))
	for round := range 200 {
		at, starts, now := []int64{0}, map[int]bool{0: true}, int64(0)
		for i := 1; i < 300; i++ {
			now += int64(3+random.IntN(110)) * tick
			at = append(at, now)
			if i%40 == 0 {
				starts[i] = true
			}
		}
		end := int64(0)
		for _, p := range cut(at, starts) {
			if p.from != end {
				t.Fatalf("seed %d round %d: a part starts at %d, the last ended at %d", seed, round, p.from, end)
			}
			p.check(t)
			end = p.to
		}
	}
}

func TestTwoFramesNeverChangePlaces(t *testing.T) {
	const seed = 20261123
	random := rand.New(rand.NewPCG(seed, 1))
	for round := range 200 {
		at, starts, now := []int64{0}, map[int]bool{0: true}, int64(0)
		for i := 1; i < 200; i++ {
			now += int64(3+random.IntN(900)) * tick
			at = append(at, now)
			starts[i] = random.IntN(30) == 0
		}
		cut(at, starts)
		for i := range at[1:] {
			if at[i+1] <= at[i] {
				t.Fatalf("seed %d round %d: frame %d at %d, the next at %d", seed, round, i, at[i], at[i+1])
			}
		}
	}
}

func TestSoundAloneIsCutAsPlayersCountOn(t *testing.T) {
	const frame = soundFrame * VideoHz / SoundHz
	for ms := 40; ms < 4400; ms += 7 {
		rest, got := int64(ms)*tick/frame, int64(0)
		for n := nextSoundPart(rest, true); n > 0; n = nextSoundPart(rest, true) {
			rest -= n
			got++
			part{0, n * frame, rest < 2}.check(t)
		}
		if rest > 1 {
			t.Errorf("a segment of %d ms: %d frames are left", ms, rest)
		}
	}
}
