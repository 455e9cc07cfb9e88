package cmaf

import (
	"math/rand/v2"
	"testing"
)

// cut plans a whole run: starts of frames in ms, and which start segments.
func cut(at []int64, starts map[int]bool) (parts [][2]int64) {
	from := 0
	for {
		n := nextPart(at[from:], func(i int) bool { return starts[from+i] })
		if n == 0 {
			return parts
		}
		parts = append(parts, [2]int64{at[from], at[from+n]})
		from += n
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
			if length := p[1] - p[0]; length > partMax || length < partMin {
				t.Errorf("%v fps: a part of %d ms", rate, length/tick)
			}
		}
	}
}

func TestThereIsNoSliverBeforeASegment(t *testing.T) {
	for boundary := 8; boundary < 60; boundary++ {
		for _, p := range cut(every(33.3, 90), map[int]bool{0: true, boundary: true}) {
			if length := p[1] - p[0]; length < partMin || length > partMax {
				t.Errorf("key frame at %d: a part of %d ms", boundary, length/tick)
			}
		}
	}
}

func TestAPartWaitsForTheFrameAfterIt(t *testing.T) {
	at := every(33.4, 8) // 0 .. 233.8
	none := func(int) bool { return false }
	if n := nextPart(at, none); n != 0 {
		t.Errorf("decided after %d frames without having seen the next", n)
	}
	if n := nextPart(append(at, 267*tick, 300*tick), none); n != 7 {
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
			if length := p[1] - p[0]; length < partMin || length > partMax {
				t.Errorf("a burst of %d: a part of %d ms", burst, length/tick)
			}
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
			if p[0] != end {
				t.Fatalf("seed %d round %d: a part starts at %d, the last ended at %d", seed, round, p[0], end)
			}
			if p[1]-p[0] > partMax+partMin {
				t.Fatalf("seed %d round %d: a part of %d ms", seed, round, (p[1]-p[0])/tick)
			}
			end = p[1]
		}
	}
}
