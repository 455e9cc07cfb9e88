package room

import (
	"io"
	"log/slog"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"amphi/worker/clock"
	"amphi/worker/mix"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"gopkg.in/hraban/opus.v2"
)

// tape is a track that was recorded: packets, reports, and when they came.
// Time is what the tape says.
type tape struct {
	codec   webrtc.RTPCodecCapability
	ssrc    uint32
	events  []taped
	reader  *reader
	now     time.Time
	limited bool
}

type taped struct {
	at     time.Time
	packet *rtp.Packet
	report *rtcp.SenderReport
}

func (t *tape) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	for len(t.events) > 0 {
		next := t.events[0]
		if t.limited && next.at.Sub(t.now) > gapCheck {
			t.now = t.now.Add(gapCheck)
			return nil, nil, os.ErrDeadlineExceeded
		}
		t.events, t.now = t.events[1:], next.at
		if next.report == nil {
			return next.packet, nil, nil
		}
		t.reader.report(next.report)
	}
	return nil, nil, io.EOF
}

func (t *tape) SetReadDeadline(deadline time.Time) error {
	t.limited = !deadline.IsZero()
	return nil
}

func (t *tape) Kind() webrtc.RTPCodecType {
	if t.codec.MimeType == webrtc.MimeTypeOpus {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}
func (t *tape) Codec() webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{RTPCodecCapability: t.codec}
}
func (t *tape) SSRC() webrtc.SSRC { return webrtc.SSRC(t.ssrc) }

// screen is a sink that notes when frames were put where.
type screen struct {
	shown []shown
	asked int
}

type shown struct {
	at, now time.Time
	key     bool
}

var (
	h264Codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: 90_000}
	opusCodec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2}
)

// put records a packet that was captured at a moment.
func (t *tape) put(sequence uint16, timestamp uint32, captured time.Time, delay time.Duration, payload []byte) {
	t.events = append(t.events, taped{at: captured.Add(delay), packet: &rtp.Packet{
		Header:  rtp.Header{SequenceNumber: sequence, Timestamp: timestamp, Marker: true, SSRC: t.ssrc},
		Payload: payload,
	}})
}

const ntpEpoch = 2_208_988_800 // 1900 to 1970, in seconds

func (t *tape) putReport(timestamp uint32, captured time.Time, skew time.Duration) {
	wall := captured.Add(skew)
	ntp := uint64(wall.Unix()+ntpEpoch)<<32 | uint64(wall.Nanosecond())<<32/1e9
	t.events = append(t.events, taped{at: captured.Add(time.Millisecond), report: &rtcp.SenderReport{
		SSRC: t.ssrc, NTPTime: ntp, RTPTime: timestamp,
	}})
}

func (t *tape) play(o Options, publisher *clock.Publisher, s *screen) {
	o.Now = func() time.Time { return t.now }
	o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	o.Sink = sinkFunc(func(_ string, f Frame, at time.Time) {
		s.shown = append(s.shown, shown{at, t.now, f.Format != nil})
	})
	t.reader = &reader{
		options: o, track: t, id: "TR_x", requestKey: func() { s.asked++ },
		clock: publisher.Track(int(t.codec.ClockRate)),
	}
	t.reader.run()
}

type sinkFunc func(string, Frame, time.Time)

func (sinkFunc) Chosen(Publication, bool)                          {}
func (f sinkFunc) Picture(track string, frame Frame, at time.Time) { f(track, frame, at) }

// film records a camera for a while, from a sequence number and timestamp on,
// a key frame every two seconds.
func (t *tape) film(test *testing.T, from time.Time, length time.Duration, sequence uint16, timestamp uint32, skew time.Duration) {
	test.Helper()
	key := keyFrame(test)
	for n := range int(length / (40 * time.Millisecond)) {
		captured := from.Add(time.Duration(n) * 40 * time.Millisecond)
		payload := delta
		if n%50 == 0 {
			payload = key
		}
		if n%75 == 74 {
			t.putReport(timestamp+uint32(n*3600), captured, skew)
		}
		t.put(sequence+uint16(n), timestamp+uint32(n*3600), captured, 30*time.Millisecond, payload)
	}
}

func (s *screen) steady(t *testing.T, after time.Time) {
	t.Helper()
	for i, f := range s.shown {
		if f.at.Before(after) {
			continue
		}
		if d := f.now.Sub(f.at); d < -5*time.Millisecond || d > 50*time.Millisecond {
			t.Fatalf("frame %d came at %v, was put %v before", i, f.now, d)
		}
		if i > 0 && !f.at.After(s.shown[i-1].at) {
			t.Fatalf("frame %d goes back by %v", i, s.shown[i-1].at.Sub(f.at))
		}
	}
}

func TestATeacherWhoReconnectsGoesOnInServerTime(t *testing.T) {
	publisher, seen := clock.NewPublisher(), &screen{}
	first := &tape{codec: h264Codec, ssrc: 1}
	first.film(t, noon, 20*time.Second, 65_500, ^uint32(0)-90_000*5, -30*time.Second)
	first.play(Options{}, publisher, seen)
	// The same publisher with a new SSRC, new timestamps; then anew as another.
	second := &tape{codec: h264Codec, ssrc: 2}
	second.film(t, noon.Add(23*time.Second), 20*time.Second, 7, 12345, -30*time.Second)
	second.play(Options{}, publisher, seen)
	third := &tape{codec: h264Codec, ssrc: 3}
	third.film(t, noon.Add(50*time.Second), 20*time.Second, 40_000, 1<<31, 30*time.Second)
	third.play(Options{}, clock.NewPublisher(), seen)
	if len(seen.shown) != 1500 {
		t.Errorf("%d frames", len(seen.shown))
	}
	seen.steady(t, noon)
}

func TestHalfAnHourOfMuteIsAStepInTimestampsOnly(t *testing.T) {
	camera, seen := &tape{codec: h264Codec, ssrc: 1}, &screen{}
	const mute = 30 * time.Minute
	start := ^uint32(0) - 90_000*600 // wraps during the mute
	camera.film(t, noon, 20*time.Second, 65_400, start, time.Second)
	camera.film(t, noon.Add(20*time.Second+mute), 20*time.Second, 364, start+uint32((20+1800)*90_000), time.Second)
	camera.play(Options{}, clock.NewPublisher(), seen)
	if len(seen.shown) != 1000 {
		t.Errorf("%d frames", len(seen.shown))
	}
	seen.steady(t, noon)
}

func TestALossIsFollowedByAKeyFrameAskedFor(t *testing.T) {
	camera, seen := &tape{codec: h264Codec, ssrc: 1}, &screen{}
	camera.film(t, noon, 10*time.Second, 65_500, 9, 0)
	camera.events = append(camera.events[:60:60], camera.events[61:]...)
	camera.play(Options{}, clock.NewPublisher(), seen)
	if seen.asked != 2 {
		t.Errorf("asked %d times", seen.asked)
	}
	for i, f := range seen.shown {
		if i > 0 && f.at.Sub(seen.shown[i-1].at) > 60*time.Millisecond && !f.key {
			t.Errorf("frame %d goes on after a loss", i)
		}
	}
	if len(seen.shown) < 200 || len(seen.shown) > 215 {
		t.Errorf("%d frames of 250, 40 of which follow the loss", len(seen.shown))
	}
}

// speak records a tone in Opus packets of 20 ms.
func (t *tape) speak(test *testing.T, from time.Time, packets int, timestamp uint32, lost func(n int) bool) {
	test.Helper()
	encoder, err := opus.NewEncoder(soundHz, 2, opus.AppVoIP)
	if err != nil {
		test.Fatal(err)
	}
	pcm := make([]float32, 960*2)
	for n := range packets {
		for i := range 960 {
			v := float32(0.5 * math.Sin(2*math.Pi*440*float64(n*960+i)/soundHz))
			pcm[i*2], pcm[i*2+1] = v, v
		}
		data := make([]byte, 1000)
		size, err := encoder.EncodeFloat32(pcm, data)
		if err != nil {
			test.Fatal(err)
		}
		if lost == nil || !lost(n) {
			t.put(uint16(n), timestamp+uint32(n*960), from.Add(time.Duration(n)*20*time.Millisecond), 20*time.Millisecond, data[:size])
		}
	}
}

// levels plays a microphone into a mixer and gives the level of each block.
func levels(t *testing.T, microphone *tape, length time.Duration) []float64 {
	t.Helper()
	mixer := mix.NewMixer(0)
	microphone.play(Options{Zero: noon, Mixer: mixer}, clock.NewPublisher(), &screen{})
	var out []float64
	block := make([]byte, mix.BlockFrames*mix.Channels*2)
	for int64(len(out)*mix.BlockFrames) < int64(length/time.Millisecond)*48 {
		mixer.Take(mixer.Next()+soundHz*2, noon, block)
		sum := 0.0
		for i := 0; i < len(block); i += 2 {
			v := float64(int16(block[i]) | int16(block[i+1])<<8)
			sum += v * v
		}
		out = append(out, math.Sqrt(sum/float64(len(block)/2))/32767)
	}
	return out
}

func TestLostSoundIsConcealed(t *testing.T) {
	microphone := &tape{codec: opusCodec, ssrc: 1}
	microphone.speak(t, noon, 100, 5, func(n int) bool { return n%10 == 7 || n%25 == 3 })
	for i, level := range levels(t, microphone, 1900*time.Millisecond) {
		if i > 4 && level < 0.25 {
			t.Errorf("block %d has a level of %.3f", i, level)
		}
	}
}

func TestSilenceThatIsNotSentIsSilenceInItsPlace(t *testing.T) {
	microphone := &tape{codec: opusCodec, ssrc: 1}
	// DTX: a packet every 400 ms in between.
	microphone.speak(t, noon, 150, 5, func(n int) bool { return n >= 50 && n < 100 })
	for i, p := range microphone.events {
		p.packet.SequenceNumber = uint16(i)
	}
	for i, level := range levels(t, microphone, 3*time.Second) {
		at := time.Duration(i) * mix.BlockFrames * time.Second / soundHz
		silent := at > 1060*time.Millisecond && at < 1980*time.Millisecond
		if silent && level > 0.001 || level < 0.15 && (at > 100*time.Millisecond && at < 960*time.Millisecond || at > 2060*time.Millisecond) {
			t.Errorf("at %v a level of %.3f", at, level)
		}
	}
}

func TestATrackWithBFramesIsTranscodedFromThenOn(t *testing.T) {
	sps, pps, idr := parts(t)
	camera, seen := &tape{codec: h264Codec, ssrc: 1}, &screen{}
	for n := range 40 {
		payload := delta
		switch {
		case n%20 == 0:
			payload = stap(sps, pps, idr)
		case n == 5:
			payload = bidirectional
		}
		camera.put(uint16(n), uint32(n*3600), noon.Add(time.Duration(n)*40*time.Millisecond), 30*time.Millisecond, payload)
	}
	camera.play(Options{}, clock.NewPublisher(), seen)
	if len(seen.shown) < 6 || !seen.shown[5].key || seen.shown[5].at.Sub(noon) < 20*40*time.Millisecond {
		t.Fatalf("%d frames, the sixth is %+v", len(seen.shown), seen.shown)
	}
}

func TestATrackThatBreaksItsReaderIsDropped(t *testing.T) {
	camera := &tape{codec: h264Codec, ssrc: 1}
	camera.film(t, noon, time.Second, 7, 7, 0)
	camera.events[3].packet = nil
	seen := &screen{}
	camera.play(Options{}, clock.NewPublisher(), seen)
	if len(seen.shown) != 3 {
		t.Errorf("%d frames before it", len(seen.shown))
	}
}

func TestProbesOfLiveKitAreNoPictures(t *testing.T) {
	camera, seen := &tape{codec: h264Codec, ssrc: 1}, &screen{}
	camera.film(t, noon, time.Second, 7, 7, 0)
	twice := make([]byte, 255)
	twice[254] = 255
	for i := range camera.events {
		p := camera.events[i].packet
		p.SequenceNumber += uint16(i)
		probe := &rtp.Packet{Header: p.Header, Payload: twice}
		probe.SequenceNumber++
		probe.Marker, probe.Padding, probe.PaddingSize = false, true, 255
		camera.events = append(camera.events, taped{at: camera.events[i].at.Add(time.Millisecond), packet: probe})
	}
	slices.SortStableFunc(camera.events, func(a, b taped) int { return a.at.Compare(b.at) })
	camera.play(Options{}, clock.NewPublisher(), seen)
	if len(seen.shown) != 25 || seen.asked != 1 {
		t.Errorf("%d frames of 25, asked %d times", len(seen.shown), seen.asked)
	}
}
