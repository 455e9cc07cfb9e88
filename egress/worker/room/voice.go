package room

import (
	"time"

	"amphi/worker/mix"

	"gopkg.in/hraban/opus.v2"
)

const (
	soundHz = 48_000
	// 120 ms, the longest Opus packet.
	opusMaxFrames = soundHz * 120 / 1000
	// Up to this many lost packets are concealed; more is silence.
	concealMax = 3
)

// voice decodes one sound track into the mixer.
type voice struct {
	decoder *opus.Decoder
	out     *mix.Voice
	pcm     []float32
	frames  int // length of the last packet
}

func newVoice(out *mix.Voice) (*voice, error) {
	decoder, err := opus.NewDecoder(soundHz, mix.Channels)
	if err != nil {
		return nil, err
	}
	return &voice{decoder: decoder, out: out, pcm: make([]float32, opusMaxFrames*mix.Channels)}, nil
}

// push decodes a packet that starts at server time `at`, a time of the run.
func (v *voice) push(p arrived, at time.Duration) {
	if len(p.Payload) == 0 {
		return
	}
	position := at.Microseconds() * (soundHz / 1000) / 1000
	if p.Lost && p.Skipped > 0 && p.Skipped <= concealMax && v.frames > 0 {
		for lost := p.Skipped; lost > 0; lost-- {
			v.conceal(p, lost, position-int64(lost*v.frames))
		}
	}
	frames, err := v.decoder.DecodeFloat32(p.Payload, v.pcm)
	if err != nil || frames == 0 {
		return
	}
	v.frames = frames
	v.out.Write(v.pcm[:frames*mix.Channels], position)
}

// conceal makes up for the packet that is `lost` packets before p. The last one
// is in p as well, in poorer quality (in-band FEC), if the sender expects loss.
func (v *voice) conceal(p arrived, lost int, position int64) {
	size := v.frames * mix.Channels
	gap := v.pcm[:size:size] // the decoder fills what there is room for
	var err error
	if lost == 1 {
		err = v.decoder.DecodeFECFloat32(p.Payload, gap)
	} else {
		err = v.decoder.DecodePLCFloat32(gap)
	}
	if err == nil {
		v.out.Write(gap, position)
	}
}
