package mix

import "math"

const (
	// -1 dB: an AAC decoder overshoots what went in by less than that.
	ceiling = 0.89
	// The gain is down before the peak is there, by a ramp that is no click.
	attackFrames = SampleHz * 5 / 1000
	// Between two peaks of a voice or a tone (100 Hz and less) the gain stays:
	// following each wave would be distortion.
	holdFrames = SampleHz * 25 / 1000
	// Back by 9 dB a second: faster is heard as pumping, slower leaves the
	// others quiet after somebody's cough.
	releasePerSecond = 1.0
)

// limiter keeps the sum of all voices below full scale. It changes nothing
// while the sum is below the ceiling, and both channels alike when it is not.
type limiter struct {
	gain float32
	hold int
	need []float32
}

func newLimiter() *limiter { return &limiter{gain: 1} }

// apply limits the first `frames` of interleaved stereo; the rest is what comes
// next, attackFrames of it as far as known.
func (l *limiter) apply(pcm []float32, frames int) {
	total := len(pcm) / Channels
	if cap(l.need) < total {
		l.need = make([]float32, total)
	}
	need := l.need[:total]
	for i := range need {
		need[i] = 1
		if peak := max(size(pcm[i*Channels]), size(pcm[i*Channels+1])); peak > ceiling {
			need[i] = ceiling / peak
		}
	}
	for i := total - 2; i >= 0; i-- {
		need[i] = min(need[i], need[i+1]+1.0/attackFrames)
	}
	for i := range frames {
		switch {
		case need[i] <= l.gain:
			l.gain = need[i]
			if l.gain < 1 {
				l.hold = holdFrames
			}
		case l.hold > 0:
			l.hold--
		default:
			l.gain = min(need[i], l.gain+releasePerSecond*l.gain/SampleHz)
		}
		pcm[i*Channels] *= l.gain
		pcm[i*Channels+1] *= l.gain
	}
}

func size(x float32) float32 { return float32(math.Abs(float64(x))) }
