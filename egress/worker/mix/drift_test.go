package mix

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// seam is how far three neighbouring frames are from a straight line. A tone
// of this loudness and height reaches its bound; a click is beyond.
func seam(level, hz float64) float64 {
	const rounding = 2.0 / 32767
	w := 2 * math.Pi * hz / SampleHz
	return level*w*w + rounding
}

type listener struct {
	last, before float64
	worst        float64
	frames       int
	when         int
	from         int
}

func (l *listener) hear(block []byte) {
	for f := range BlockFrames {
		x := float64(int16(block[f*4])|int16(block[f*4+1])<<8) / 32767
		if l.frames++; l.frames > l.from {
			if d := math.Abs(x - 2*l.last + l.before); d > l.worst {
				l.worst, l.when = d, l.frames
			}
		}
		l.before, l.last = l.last, x
	}
}

// Under the race detector, which takes ten times as long, a tenth of it.
var minutesOfDrift = 30

func TestASoundCardsOwnClockNeitherDelaysNorClicks(t *testing.T) {
	const hz, level = 300, 0.5
	var wave [SampleHz / hz]float32
	for i := range wave {
		wave[i] = float32(level * math.Sin(2*math.Pi*hz*float64(i)/SampleHz))
	}
	for _, ppm := range []float64{200, -200} {
		t.Run(fmt.Sprintf("%.0f ppm for %d minutes", ppm, minutesOfDrift), func(t *testing.T) {
			m := NewMixer(0)
			v := m.Voice()
			heard := &listener{from: fadeFrames * 2}
			packet := make([]float32, packetFrames*Channels)
			block := make([]byte, BlockFrames*Channels*2)
			worst := int64(0)
			for n := range minutesOfDrift * 60 * 50 {
				for f := range packetFrames {
					x := wave[(n*packetFrames+f)%len(wave)]
					packet[f*Channels], packet[f*Channels+1] = x, x
				}
				// Its 20 ms are a little more or less of ours.
				at := int64(float64(n*packetFrames) * (1 + ppm/1e6))
				v.Write(packet, at)
				if off := at + packetFrames - v.cursor; n > 500 {
					worst = max(worst, max(off, -off))
				}
				for m.Take(at+packetFrames, noon, block) {
					heard.hear(block)
				}
			}
			if limit := int64(SampleHz / 1000 * 2); worst > limit {
				t.Errorf("%d frames off", worst)
			}
			if heard.worst > 1.1*seam(level, hz) {
				t.Errorf("a click at %d: %f, the tone itself %f", heard.when, heard.worst, seam(level, hz))
			}
			if lost := int64(minutesOfDrift*60*SampleHz) - int64(heard.frames); lost > SampleHz {
				t.Errorf("%d frames are missing", lost)
			}
		})
	}
}

func TestComingGoingAndLosingPacketsDoNotClick(t *testing.T) {
	const hz, level = 200, 0.3
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 0))
		m := NewMixer(0)
		v := m.Voice()
		heard := &listener{from: 2}
		packet := make([]float32, packetFrames*Channels)
		block := make([]byte, BlockFrames*Channels*2)
		on, shift := true, 0
		for n := range 50 * 20 {
			if random.IntN(20) == 0 {
				on = !on
			}
			if random.IntN(200) == 0 {
				shift += random.IntN(20_000) // a new place, further than a glide
				v.Close()
				v = m.Voice()
			}
			if on {
				for f := range packetFrames {
					x := float32(level * math.Sin(2*math.Pi*hz*float64(n*packetFrames+f)/SampleHz))
					packet[f*Channels], packet[f*Channels+1] = x, x
				}
				// Now and then after its block was taken.
				late := 0
				if random.IntN(40) == 0 {
					late = random.IntN(6000)
				}
				v.Write(packet, int64(n*packetFrames+shift-late))
			}
			for m.Take(int64(n*packetFrames+shift), noon.Add(time.Duration(n)*20*time.Millisecond), block) {
				heard.hear(block)
			}
		}
		// A fade over 2.5 ms bends the wave more than the wave itself.
		if limit := seam(level, hz) + 12*level/(fadeFrames*fadeFrames) + 2*level*2*math.Pi*hz/SampleHz/fadeFrames; heard.worst > limit {
			t.Errorf("seed %d: a click of %f, allowed %f", seed, heard.worst, limit)
		}
	}
}
