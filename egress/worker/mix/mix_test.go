package mix

import (
	"bytes"
	"log/slog"
	"math"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func tone(frames int, level float32) []float32 {
	pcm := make([]float32, frames*Channels)
	for i := range pcm {
		pcm[i] = level
	}
	return pcm
}

func take(t *testing.T, m *Mixer) []int16 {
	t.Helper()
	out := make([]byte, BlockFrames*Channels*2)
	if !m.Take(m.Next()+SampleHz*2, noon, out) {
		t.Fatal("no block was due")
	}
	samples := make([]int16, BlockFrames*Channels)
	for i := range samples {
		samples[i] = int16(out[i*2]) | int16(out[i*2+1])<<8
	}
	return samples
}

func TestSilenceKeepsTimeForHalfAnHour(t *testing.T) {
	const blocks = 30 * 60 * SampleHz / BlockFrames
	m := NewMixer(0)
	frames := 0
	e, err := NewEncoder(slog.New(slog.DiscardHandler), func([]byte) { frames++ })
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	block, silence := make([]byte, BlockFrames*Channels*2), make([]byte, BlockFrames*Channels*2)
	taken := 0
	for now := int64(0); taken < blocks; now += SampleHz / 100 {
		for m.Take(now, noon.Add(time.Duration(now)*time.Second/SampleHz), block) {
			if !bytes.Equal(block, silence) {
				t.Fatal("silence is not silent")
			}
			e.Write(block)
			taken++
			if late := now - m.Next(); late > BlockFrames+SampleHz/100+int64(lagMin)*SampleHz/int64(time.Second) {
				t.Fatalf("block %d is %d frames late", taken, late)
			}
		}
	}
	if m.Next() != int64(taken)*BlockFrames || frames != taken-2 {
		t.Errorf("at %d after %d blocks, of which %d became frames", m.Next(), taken, frames)
	}
}

func TestABlockIsNotTakenBeforeItsTime(t *testing.T) {
	m := NewMixer(0)
	out := make([]byte, BlockFrames*Channels*2)
	wait := int64(lagMin) * SampleHz / int64(time.Second)
	if m.Take(BlockFrames+wait-1, noon, out) || !m.Take(BlockFrames+wait, noon, out) {
		t.Error("a block is due when its end and the lag are over")
	}
}

func TestVoicesAddUpWhereTheyBelong(t *testing.T) {
	m := NewMixer(0)
	m.Voice().Write(tone(600, 0.2), 10)
	m.Voice().Write(tone(600, 0.3), 300)
	got := take(t, m)
	for frame, want := range map[int]float64{9: 0, 200: 0.2, 450: 0.5, 700: 0.3, 910: 0} {
		if level := float64(got[frame*Channels]) / 32767; math.Abs(level-want) > 0.001 {
			t.Errorf("at %d %f instead of %f", frame, level, want)
		}
	}
}

func TestLateSoundMakesTheMixerWaitLongerForAWhile(t *testing.T) {
	m := NewMixer(0)
	take(t, m)
	m.Voice().Write(tone(960, 0.5), 0)
	raised := m.Lag()
	if raised <= lagMin || raised > lagMax {
		t.Fatalf("lag %v", raised)
	}
	m.Voice().Write(tone(960, 0.5), 0)
	if m.Lag() != raised {
		t.Error("one burst was counted twice")
	}
	m.Take(0, noon.Add(time.Hour), nil)
	if m.Lag() != lagMin {
		t.Errorf("an hour later the lag is %v", m.Lag())
	}
}

func TestAVoiceGlidesToItsPlaceAndJumpsIfItIsFar(t *testing.T) {
	m := NewMixer(0)
	v := m.Voice()
	v.Write(tone(960, 0.1), 0)
	v.Write(tone(960, 0.1), 960+480) // 10 ms late
	if gone := v.cursor - 1920; gone < -2 || gone > 48 {
		t.Errorf("went %d at once", gone)
	}
	for n := int64(2); n < 1000; n++ {
		v.Write(tone(960, 0.1), n*960+480)
	}
	if off := 1000*960 + 480 - v.cursor; off < -2 || off > 2 {
		t.Errorf("still off by %d", off)
	}
	v.Write(tone(960, 0.1), 2_000_000)
	if v.cursor < 2_000_957 || v.cursor > 2_000_960 {
		t.Errorf("after a silence at %d", v.cursor)
	}
}
