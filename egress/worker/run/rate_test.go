package run

import (
	"slices"
	"testing"
	"time"
)

// Nobody knows how many frames a second are coming when the first of them is
// shown, and there is one init segment a format.
func TestAnInitSegmentSaysTheFrameRateOfWhatItIsFor(t *testing.T) {
	for _, fps := range []float64{15, 25, 30} {
		for _, empty := range []time.Duration{0, 4 * time.Second} {
			s := newStage(t)
			s.chooses("", "")
			s.every = time.Duration(float64(time.Second) / fps)
			s.pass(empty, nil)
			s.chooses("camera", "")
			s.pass(5*time.Second, all, "camera")
			lines := s.end()
			want := []float64{fps}
			if empty > 0 {
				want = []float64{slateRate, fps}
			}
			for _, variant := range []string{"main", "mid", "low"} {
				var rates []float64
				for _, init := range of(lines, "init", variant) {
					rates = append(rates, init.FrameRate)
				}
				if !slices.Equal(rates, want) {
					t.Errorf("%s: frame rates %v, not %v", variant, rates, want)
				}
			}
		}
	}
}
