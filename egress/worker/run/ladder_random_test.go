package run

import (
	"math/rand/v2"
	"testing"
	"time"
)

const segmentLimit = 3.5 // rounds to the target duration of 3

// TestWhateverHappensInARoomEveryRungGoesOn plays rooms at random: tracks are
// chosen and left, layers go and come back, change their format, stop, and do
// not answer when they are asked for key frames.
func TestWhateverHappensInARoomEveryRungGoesOn(t *testing.T) {
	const seed = 20261123
	for round := range 20 {
		random := rand.New(rand.NewPCG(seed, uint64(round)))
		s := newStage(t)
		tracks := []string{"teacher", "screen", "student"}
		for range 25 {
			main, aside := "", ""
			if random.IntN(8) > 0 {
				main = tracks[random.IntN(len(tracks))]
			}
			if random.IntN(2) == 0 {
				aside = tracks[random.IntN(len(tracks))]
			}
			if aside == main {
				aside = ""
			}
			s.chooses(main, aside)
			var streams []int
			for _, stream := range all {
				if random.IntN(5) > 0 {
					streams = append(streams, stream)
				}
			}
			var sending []string
			for _, track := range tracks {
				if random.IntN(6) > 0 {
					sending = append(sending, track)
				}
			}
			if random.IntN(4) == 0 {
				s.layers[random.IntN(3)] = s.format(4 + random.IntN(100))
			}
			deaf := random.IntN(5) == 0
			for end := s.clock + time.Duration(200+random.IntN(4000))*time.Millisecond; s.clock < end; {
				if deaf {
					clear(s.keys)
				}
				s.pass(frameEvery, streams, sending...)
			}
			for i := range s.rungs {
				if s.started() && s.behind(i) > time.Second {
					t.Fatalf("seed %d, round %d: rung %d is %v behind", seed, round, i, s.behind(i))
				}
			}
		}
		lines := s.end()
		for _, variant := range []string{"main", "mid", "low", "aside"} {
			for _, segment := range of(lines, "segment", variant) {
				if segment.Duration > segmentLimit {
					t.Errorf("seed %d, round %d: %s %d takes %f s", seed, round, variant, segment.Segment, segment.Duration)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d, round %d", seed, round)
		}
	}
}
