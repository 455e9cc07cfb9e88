package mix

import "time"

const (
	// A voice further off than this starts anew where it belongs; nearer, it
	// glides there. Above the 60 ms of three lost packets, below the 400 ms
	// between packets of Opus's silence (DTX).
	jumpFrames = 120 * SampleHz / 1000
	// A hundredth of the gap with every packet closes it in some seconds; at
	// 10 ms that is half a percent, 8 cents, not to be heard. A sound card that
	// is 200 ppm off is followed 0.4 ms behind.
	glideShare = 100
	// Three percent, half a semitone, is as far as a bad device clock may bend
	// a voice.
	glideDivisor = 33
	// A voice that begins or ends in the middle of a wave would click.
	fadeFrames = SampleHz * 25 / 10_000
	// A decoder overshoots full scale by less than this. Packets made for it come
	// out five million times as loud: the limiter would take all voices down so
	// far that they are back after a quarter of a minute.
	peakMax = 2
)

// Voice is one track's way into the mixer. It holds the end of its sound back
// until it is known whether it goes on or fades out.
type Voice struct {
	mixer  *Mixer
	placed bool
	cursor int64 // where the next frame belongs, held ones included
	held   []float32
	bend   bend
}

// Voice must be closed by who is done with it.
func (m *Mixer) Voice() *Voice {
	v := &Voice{mixer: m}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.voices[v] = struct{}{}
	return v
}

func (v *Voice) Close() {
	m := v.mixer
	m.mu.Lock()
	defer m.mu.Unlock()
	v.end()
	delete(m.voices, v)
}

// Write adds interleaved stereo that starts at a position; what is too loud in
// it is cut off in place. Late sound makes the mixer wait longer next time.
func (v *Voice) Write(pcm []float32, at int64) {
	cutOff(pcm)
	m := v.mixer
	m.mu.Lock()
	defer m.mu.Unlock()
	gap := at - v.cursor
	if v.placed && (gap > jumpFrames || gap < -jumpFrames) {
		v.end()
	}
	begins := !v.placed
	if begins {
		v.placed, v.cursor, v.bend, gap = true, at, newBend(), 0
	}
	if late := m.next - v.cursor; late > 0 {
		m.wait(time.Duration(late) * time.Second / SampleHz)
	}
	from := v.cursor - int64(len(v.held)/Channels)
	frames := float64(len(pcm) / Channels)
	stretch := max(-frames/glideDivisor, min(float64(gap)/glideShare, frames/glideDivisor))
	sound := v.bend.push(v.held, pcm, frames/(frames+stretch))
	if begins {
		fadeIn(sound, max(0, m.next-from))
	}
	v.cursor = from + int64(len(sound)/Channels)
	hold := max(0, len(sound)-fadeFrames*Channels)
	m.add(sound[:hold], from)
	v.held = append(v.held[:0], sound[hold:]...)
}

func cutOff(pcm []float32) {
	for i, x := range pcm {
		if x != x { // no number
			x = 0
		}
		pcm[i] = max(-peakMax, min(peakMax, x))
	}
}

// endBefore: nothing came in time to go on from what is held.
func (v *Voice) endBefore(position int64) {
	if v.placed && v.cursor-int64(len(v.held)/Channels) < position {
		v.end()
	}
}

func (v *Voice) end() {
	frames := len(v.held) / Channels
	for i := range frames {
		gain := smooth(float32(frames-i) / float32(frames+1))
		v.held[i*Channels] *= gain
		v.held[i*Channels+1] *= gain
	}
	v.mixer.add(v.held, v.cursor-int64(frames))
	v.held, v.placed = v.held[:0], false
}

// fadeIn begins after the frames that come too late.
func fadeIn(sound []float32, late int64) {
	for i := range int64(len(sound) / Channels) {
		gain := smooth(min(1, float32(max(0, i-late))/fadeFrames))
		sound[i*Channels] *= gain
		sound[i*Channels+1] *= gain
	}
}

// smooth goes from 0 to 1 without a kink.
func smooth(x float32) float32 { return x * x * (3 - 2*x) }
