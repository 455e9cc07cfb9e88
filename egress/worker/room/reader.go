package room

import (
	"errors"
	"net"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"amphi/worker/clock"
	"amphi/worker/transcode"

	"github.com/livekit/mediatransportutil"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// While packets are missing the reader looks this often for those to give up.
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

// run until the track ends. What a stranger sends may be read wrongly, here or
// in a library: that ends the track, not the worker with all of its classes.
func (r *reader) run() {
	defer func() {
		if fault := recover(); fault != nil {
			r.options.Log.Error("track dropped", "track", r.id, "fault", fault, "stack", string(debug.Stack()))
		}
	}()
	if r.track.Kind() == webrtc.RTPCodecTypeVideo {
		r.pictures()
		return
	}
	r.sound()
}

// pictures passes H.264 through. What is not H.264, or is of a kind that cannot
// be passed through, is transcoded.
func (r *reader) pictures() {
	mimeType := r.track.Codec().MimeType
	var through *assemble
	var child *transcode.Transcoder
	defer func() {
		if child != nil {
			child.Close()
		}
	}()
	if strings.EqualFold(mimeType, webrtc.MimeTypeH264) {
		through = newAssemble()
	} else if child = r.transcoder(mimeType, mimeType); child == nil {
		return
	}
	r.waiting.Store(true)
	r.requestKey()
	r.packets(newReorder(videoPatience), func(p arrived) {
		if child != nil {
			child.Push(p.Packet, p.At, p.Lost)
			r.wait(child.Waiting())
			return
		}
		if frame := through.push(p); frame != nil {
			r.show(*frame)
		}
		r.wait(through.Waiting())
		if why := through.Beyond(); why != "" {
			child = r.transcoder(mimeType, why)
		}
	})
}

func (r *reader) transcoder(mimeType, why string) *transcode.Transcoder {
	r.options.Log.Warn("picture is transcoded", "track", r.id, "because", why)
	child, err := transcode.New(mimeType, r.options.Log, func(p transcode.Picture) {
		r.show(Frame{Unit: p.Unit, Format: p.Format, Timestamp: p.Timestamp, Arrival: p.Arrival})
	})
	if err != nil {
		r.options.Log.Error("picture", "track", r.id, "error", err)
	}
	return child
}

func (r *reader) show(f Frame) {
	r.options.Sink.Picture(r.id, f, r.clock.At(f.Timestamp, f.Arrival))
}

// wait asks for a key frame when one is begun to be waited for.
func (r *reader) wait(waiting bool) {
	if before := r.waiting.Swap(waiting); waiting && !before {
		r.options.Log.Debug("picture lost", "track", r.id)
		r.requestKey()
	}
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
	bounded, checked := false, time.Time{}
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
			if padding(packet) {
				packet.Payload = nil
			}
			for _, p := range order.push(packet, now) {
				each(p)
			}
		}
		// Not with every packet: looking through all that is held takes its time.
		if now.Sub(checked) >= gapCheck || now.Before(checked) {
			checked = now
			for _, p := range order.due(now) {
				each(p)
			}
		}
	}
}

// padding: LiveKit begins tracks and probes for bandwidth with packets of 255
// bytes of padding, and of another 255 that were meant to be the same ones.
func padding(p *rtp.Packet) bool {
	size := len(p.Payload)
	return p.Padding && size > 0 && int(p.Payload[size-1]) == size
}
