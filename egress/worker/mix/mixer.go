// Package mix adds up the voices of a class by their server time, and encodes
// the sum as AAC.
package mix

import (
	"math"
	"sync"
	"time"
)

const (
	SampleHz = 48_000
	Channels = 2
	// BlockFrames is one AAC frame, so that blocks and frames correspond.
	BlockFrames = 1024

	ringFrames = 1 << 18 // 5.4 s: more than the largest lag and a burst

	// A voice further off than this starts anew where it belongs; nearer, it
	// glides there. Above the 60 ms of three lost packets, below the 400 ms
	// between packets of Opus's silence (DTX).
	jumpFrames = 120 * SampleHz / 1000
	// A hundredth of the gap with every packet closes it in some seconds; at
	// 10 ms that is half a percent, 8 cents, not to be heard.
	glideShare = 100
	// Three percent, half a semitone, is as far as a bad device clock may bend
	// a voice.
	glideDivisor = 33

	// How long a block waits for its voices. Late packets raise it, quiet
	// minutes let it down again.
	lagMin      = 80 * time.Millisecond
	lagMax      = 800 * time.Millisecond
	lagMargin   = 20 * time.Millisecond
	lagDecayPer = 50 // 20 ms a second
	// A browser that hung for a moment sends all at once: that is one step, not
	// forty. A link that is late again and again takes a step every time.
	lagStep  = 100 * time.Millisecond
	lagPause = 100 * time.Millisecond
)

// Mixer holds the sum of all voices around now. Positions are frames of
// 48 kHz since the run's zero.
type Mixer struct {
	mu      sync.Mutex
	ring    []float32
	next    int64 // first frame not yet taken
	lag     time.Duration
	lagging time.Time // when the lag was last let down
	raised  time.Time // when it was last raised
}

// NewMixer begins at a position.
func NewMixer(start int64) *Mixer {
	return &Mixer{ring: make([]float32, ringFrames*Channels), next: start, lag: lagMin}
}

// Voice is one track's way into the mixer.
type Voice struct {
	mixer  *Mixer
	cursor int64
	placed bool
	spread []float32
}

func (m *Mixer) Voice() *Voice { return &Voice{mixer: m} }

// Write adds interleaved stereo that starts at a position. What comes after
// its block was taken is lost, and makes the mixer wait longer next time.
func (v *Voice) Write(pcm []float32, at int64) {
	m := v.mixer
	frames := int64(len(pcm) / Channels)
	gap := at - v.cursor
	if !v.placed || gap > jumpFrames || gap < -jumpFrames {
		v.placed, v.cursor, gap = true, at, 0
	}
	stretch := max(-frames/glideDivisor, min(gap/glideShare, frames/glideDivisor))
	if stretch != 0 {
		pcm = v.resample(pcm, int(frames), int(frames+stretch))
		frames += stretch
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if late := m.next - v.cursor; late > 0 {
		m.wait(time.Duration(late) * time.Second / SampleHz)
	}
	for i := int64(0); i < frames; i++ {
		p := v.cursor + i
		if p < m.next || p >= m.next+ringFrames {
			continue
		}
		slot := p % ringFrames * Channels
		m.ring[slot] += pcm[i*Channels]
		m.ring[slot+1] += pcm[i*Channels+1]
	}
	v.cursor += frames
}

// resample by straight lines: the rate changes by half a percent at most.
func (v *Voice) resample(pcm []float32, from, to int) []float32 {
	if cap(v.spread) < to*Channels {
		v.spread = make([]float32, to*Channels)
	}
	out := v.spread[:to*Channels]
	step := float64(from-1) / float64(to-1)
	for i := range to {
		x := float64(i) * step
		left := min(int(x), from-2)
		f := float32(x - float64(left))
		for c := range Channels {
			a, b := pcm[left*Channels+c], pcm[(left+1)*Channels+c]
			out[i*Channels+c] = a + (b-a)*f
		}
	}
	return out
}

// Take gives the next block if it is due at position `now`, as s16le.
func (m *Mixer) Take(now int64, wall time.Time, out []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.decay(wall)
	if m.next+BlockFrames+int64(m.lag)*SampleHz/int64(time.Second) > now {
		return false
	}
	for i := int64(0); i < BlockFrames; i++ {
		slot := (m.next + i) % ringFrames * Channels
		for c := int64(0); c < Channels; c++ {
			s := int16(limit(m.ring[slot+c]) * 32767)
			m.ring[slot+c] = 0
			out[(i*Channels+c)*2] = byte(s)
			out[(i*Channels+c)*2+1] = byte(s >> 8)
		}
	}
	m.next += BlockFrames
	return true
}

// wait longer from now on: a voice was late by so much.
func (m *Mixer) wait(late time.Duration) {
	if !m.raised.IsZero() && m.lagging.Sub(m.raised) < lagPause {
		return
	}
	m.raised = m.lagging
	m.lag = min(lagMax, m.lag+min(late+lagMargin, lagStep))
}

func (m *Mixer) decay(wall time.Time) {
	if !m.lagging.IsZero() {
		m.lag = max(lagMin, m.lag-wall.Sub(m.lagging)/lagDecayPer)
	}
	m.lagging = wall
}

// Next is the position of the next block.
func (m *Mixer) Next() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.next
}

// Lag is how long blocks wait at present.
func (m *Mixer) Lag() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lag
}

// limit leaves one voice as it is and bends the sum of several below full
// scale: straight up to 0.7, then towards 1.
func limit(x float32) float32 {
	const knee = 0.7
	size := float32(math.Abs(float64(x)))
	if size <= knee {
		return x
	}
	bent := knee + (1-knee)*float32(math.Tanh(float64((size-knee)/(1-knee))))
	if x < 0 {
		return -bent
	}
	return bent
}
