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
	voices  map[*Voice]struct{}
	ring    []float32
	limiter *limiter
	sum     []float32 // the next block and what the limiter looks ahead to
	next    int64     // first frame not yet taken
	lag     time.Duration
	lagging time.Time // when the lag was last let down
	raised  time.Time // when it was last raised
}

// NewMixer begins at a position.
func NewMixer(start int64) *Mixer {
	return &Mixer{
		voices: map[*Voice]struct{}{}, ring: make([]float32, ringFrames*Channels), limiter: newLimiter(),
		sum: make([]float32, (BlockFrames+attackFrames)*Channels), next: start, lag: lagMin,
	}
}

// add puts sound into the sum. What comes after its block was taken is lost.
func (m *Mixer) add(pcm []float32, at int64) {
	for i := range int64(len(pcm) / Channels) {
		p := at + i
		if p < m.next || p >= m.next+ringFrames {
			continue
		}
		slot := p % ringFrames * Channels
		m.ring[slot] += pcm[i*Channels]
		m.ring[slot+1] += pcm[i*Channels+1]
	}
}

// Take gives the next block if it is due at position `now`, as s16le.
func (m *Mixer) Take(now int64, wall time.Time, out []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.decay(wall)
	if m.next+BlockFrames+int64(m.lag)*SampleHz/int64(time.Second) > now {
		return false
	}
	for v := range m.voices {
		v.endBefore(m.next + BlockFrames + attackFrames)
	}
	for i := range int64(BlockFrames + attackFrames) {
		slot := (m.next + i) % ringFrames * Channels
		copy(m.sum[i*Channels:], m.ring[slot:slot+Channels])
		if i < BlockFrames {
			clear(m.ring[slot : slot+Channels])
		}
	}
	m.limiter.apply(m.sum, BlockFrames)
	for i, x := range m.sum[:BlockFrames*Channels] {
		s := int16(math.Round(float64(x) * math.MaxInt16))
		out[i*2] = byte(s)
		out[i*2+1] = byte(s >> 8)
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
