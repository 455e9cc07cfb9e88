package room

import (
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"amphi/worker/clock"

	"github.com/livekit/mediatransportutil"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// While packets are missing the reader wakes up this often to give them up.
const gapCheck = 20 * time.Millisecond

// source is what a reader needs of a webrtc.TrackRemote.
type source interface {
	ReadRTP() (*rtp.Packet, interceptor.Attributes, error)
	SetReadDeadline(time.Time) error
	Kind() webrtc.RTPCodecType
	Codec() webrtc.RTPCodecParameters
	SSRC() webrtc.SSRC
}

// reader takes one track from packets to pictures or sound.
type reader struct {
	options    Options
	track      source
	id         string
	requestKey func()
	clock      *clock.Track
	waiting    atomic.Bool // for a key frame
}

func newReader(options Options, track *webrtc.TrackRemote, publication *lksdk.RemoteTrackPublication, participant *lksdk.RemoteParticipant, publisher *clock.Publisher) *reader {
	return &reader{
		options: options, track: track, id: publication.SID(),
		requestKey: func() { participant.WritePLI(track.SSRC()) },
		clock:      publisher.Track(int(track.Codec().ClockRate)),
	}
}

func (r *reader) report(packet rtcp.Packet) {
	if sr, ok := packet.(*rtcp.SenderReport); ok && sr.SSRC == uint32(r.track.SSRC()) && sr.NTPTime != 0 {
		r.clock.Report(mediatransportutil.NtpTime(sr.NTPTime).Time(), sr.RTPTime, r.options.Now())
	}
}

// run until the track ends.
func (r *reader) run() {
	if r.track.Kind() == webrtc.RTPCodecTypeVideo {
		r.pictures()
		return
	}
	r.sound()
}

func (r *reader) pictures() {
	if !strings.EqualFold(r.track.Codec().MimeType, webrtc.MimeTypeH264) {
		r.options.Log.Warn("picture is not H.264", "track", r.id, "mime", r.track.Codec().MimeType)
		return
	}
	assemble := newAssemble()
	r.waiting.Store(true)
	r.requestKey()
	r.packets(newReorder(videoPatience), func(p arrived) {
		frame := assemble.push(p)
		if now := assemble.Waiting(); now != r.waiting.Swap(now) && now {
			r.options.Log.Debug("picture lost", "track", r.id)
			r.requestKey()
		}
		if frame != nil {
			r.options.Sink.Picture(r.id, *frame, r.clock.At(frame.Timestamp, frame.Arrival))
		}
	})
}

func (r *reader) sound() {
	if !strings.EqualFold(r.track.Codec().MimeType, webrtc.MimeTypeOpus) {
		r.options.Log.Warn("sound is not Opus", "track", r.id, "mime", r.track.Codec().MimeType)
		return
	}
	out := r.options.Mixer.Voice()
	defer out.Close()
	voice, err := newVoice(out)
	if err != nil {
		r.options.Log.Error("opus", "error", err)
		return
	}
	r.packets(newReorder(soundPatience), func(p arrived) {
		if len(p.Payload) > 0 {
			voice.push(p, r.clock.At(p.Timestamp, p.At).Sub(r.options.Zero))
		}
	})
}

// packets reads until the track ends.
func (r *reader) packets(order *reorder, each func(arrived)) {
	bounded := false
	for {
		if gap := len(order.held) > 0; gap || bounded {
			deadline := time.Time{}
			if gap {
				deadline = time.Now().Add(gapCheck)
			}
			bounded = gap
			if r.track.SetReadDeadline(deadline) != nil {
				return
			}
		}
		packet, _, err := r.track.ReadRTP()
		now := r.options.Now()
		if timeout := net.Error(nil); err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
			return
		}
		if err == nil {
			for _, p := range order.push(packet, now) {
				each(p)
			}
		}
		for _, p := range order.due(now) {
			each(p)
		}
	}
}
