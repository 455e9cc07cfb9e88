package transcode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// film has ffmpeg make pictures: 30 a second, a key frame every second.
func film(t *testing.T, size string, frames int, encoder ...string) [][]byte {
	t.Helper()
	arguments := append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc2=r=30:s=" + size, "-frames:v", fmt.Sprint(frames)}, encoder...)
	cmd := exec.Command("ffmpeg", append(arguments, "-f", "ivf", "pipe:1")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pictures [][]byte
	for rest := out[32:]; len(rest) > 12; {
		length := binary.LittleEndian.Uint32(rest)
		pictures = append(pictures, rest[12:12+length])
		rest = rest[12+length:]
	}
	return pictures
}

var (
	asVP8 = []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-b:v", "500k"}
	asVP9 = []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", "30", "-b:v", "500k"}
	asAV1 = []string{"-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", "30", "-b:v", "500k"}
	noon  = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
)

// stage is a track that is sent packet by packet at three times the speed of
// life, and what comes out.
type stage struct {
	*Transcoder
	payloader rtp.Payloader
	sequence  uint16
	timestamp uint32
	arrival   time.Time

	mu    sync.Mutex
	shown []Picture
}

func newStage(t *testing.T, mimeType string, payloader rtp.Payloader) *stage {
	t.Helper()
	s := &stage{payloader: payloader, sequence: 65_500, timestamp: 0xffff_0000, arrival: noon}
	var err error
	s.Transcoder, err = New(mimeType, quiet, func(p Picture) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.shown = append(s.shown, p)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func (s *stage) send(pictures [][]byte, lost func(picture, packet int) bool) {
	missing := false
	for n, picture := range pictures {
		payloads := s.payloader.Payload(1200, picture)
		for i, payload := range payloads {
			s.sequence++
			if lost != nil && lost(n, i) {
				missing = true
				continue
			}
			s.Push(&rtp.Packet{
				Header:  rtp.Header{SequenceNumber: s.sequence, Timestamp: s.timestamp, Marker: i == len(payloads)-1},
				Payload: payload,
			}, s.arrival, missing)
			missing = false
		}
		s.timestamp += 3000
		s.arrival = s.arrival.Add(time.Second / 30)
		time.Sleep(11 * time.Millisecond)
	}
}

// until waits for so many pictures, for half a minute at most.
func (s *stage) until(t *testing.T, count int) []Picture {
	t.Helper()
	for range 3000 {
		s.mu.Lock()
		shown := s.shown
		s.mu.Unlock()
		if len(shown) >= count {
			return shown
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d pictures of %d", len(s.shown), count)
	return nil
}

// decodes gives what ffmpeg complains of, and how many pictures it sees.
func decodes(t *testing.T, shown []Picture) int {
	t.Helper()
	var stream bytes.Buffer
	start := []byte{0, 0, 0, 1}
	for _, p := range shown {
		units := p.Unit.Units
		if p.Format != nil {
			units = append([][]byte{p.Format.SPS, p.Format.PPS}, units...)
		}
		for _, u := range units {
			stream.Write(start)
			stream.Write(u)
		}
	}
	path := filepath.Join(t.TempDir(), "out.h264")
	if err := os.WriteFile(path, stream.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", path).CombinedOutput()
	var frames int
	if _, scan := fmt.Sscan(string(out), &frames); err != nil || scan != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return frames
}

func TestPicturesOfAnyKindBecomeH264WithTheirOwnTimes(t *testing.T) {
	for name, c := range map[string]struct {
		mimeType  string
		payloader rtp.Payloader
		encoder   []string
	}{
		"VP8": {webrtc.MimeTypeVP8, &codecs.VP8Payloader{EnablePictureID: true}, asVP8},
		"VP9": {webrtc.MimeTypeVP9, &codecs.VP9Payloader{FlexibleMode: true}, asVP9},
		"AV1": {webrtc.MimeTypeAV1, &codecs.AV1Payloader{}, asAV1},
	} {
		t.Run(name, func(t *testing.T) {
			pictures := film(t, "320x180", 90, c.encoder...)
			s := newStage(t, c.mimeType, c.payloader)
			first := s.timestamp
			s.send(pictures, nil)
			shown := s.until(t, len(pictures))
			for i, p := range shown {
				if want := first + uint32(i)*3000; p.Timestamp != want || !p.Arrival.Equal(noon.Add(time.Duration(i)*(time.Second/30))) {
					t.Fatalf("picture %d is of %d, arrived %v", i, p.Timestamp, p.Arrival)
				}
				if key := i%30 == 0; p.Unit.Key != key || (p.Format != nil) != key {
					t.Errorf("picture %d: a key frame: %v", i, p.Unit.Key)
				}
			}
			if f := shown[0].Format; f.Width != 320 || f.Height != 180 {
				t.Errorf("%dx%d", f.Width, f.Height)
			}
			if n := decodes(t, shown); n != len(pictures) {
				t.Errorf("a decoder sees %d", n)
			}
			if spent := s.child.finish(); spent <= 0 || spent > 10*time.Second {
				t.Errorf("the child has taken %v", spent)
			}
			s.child = nil
		})
	}
}

func TestBFramesAreMadeFramesThatCanBePassedOn(t *testing.T) {
	raw, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=r=30:s=320x180", "-frames:v", "60",
		"-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-b_strategy", "0", "-g", "30", "-x264-params", "aud=1:b-pyramid=none:scenecut=0", "-f", "h264", "pipe:1").Output()
	if err != nil {
		t.Fatal(err)
	}
	aud := []byte{0, 0, 0, 1, 9}
	pictures := bytes.Split(raw, aud)[1:]
	s := newStage(t, webrtc.MimeTypeH264, &codecs.H264Payloader{})
	first := s.timestamp
	for i, data := range pictures {
		// I P B B P B B: shown as I B B P B B P, two pictures of delay.
		shown := i
		if i%30 != 0 {
			shown = map[int]int{1: i + 2, 2: i - 1, 0: i - 1}[i%30%3]
			shown = min(shown, i-i%30+29)
		}
		s.timestamp = first + uint32(shown)*3000
		s.send([][]byte{append(append([]byte{}, aud[:4]...), data[1:]...)}, nil)
	}
	got := s.until(t, 40)
	for i, p := range got {
		if p.Unit.Beyond != "" || i > 0 && int32(p.Timestamp-got[i-1].Timestamp) <= 0 {
			t.Fatalf("picture %d: %q, at %d", i, p.Unit.Beyond, p.Timestamp-first)
		}
	}
}

func TestALossIsFollowedByTheNextKeyFrame(t *testing.T) {
	pictures := film(t, "320x180", 90, asVP8...)
	s := newStage(t, webrtc.MimeTypeVP8, &codecs.VP8Payloader{})
	first := s.timestamp
	s.send(pictures[:40], func(n, packet int) bool { return n == 35 && packet == 0 })
	if !s.Waiting() {
		t.Error("no key frame is waited for")
	}
	s.send(pictures[40:], nil)
	shown := s.until(t, 35+30)
	for i, p := range shown {
		want := i
		if i >= 35 {
			want = i - 35 + 60
		}
		if got := int(p.Timestamp-first) / 3000; got != want {
			t.Fatalf("picture %d is number %d", want, got)
		}
	}
	if s.Waiting() {
		t.Error("a key frame is waited for")
	}
}

func TestAnotherSizeIsAnotherFormatInOrder(t *testing.T) {
	s := newStage(t, webrtc.MimeTypeVP8, &codecs.VP8Payloader{})
	s.send(film(t, "320x180", 30, asVP8...), nil)
	s.started = s.started.Add(-startAgain)
	s.send(film(t, "640x360", 30, asVP8...), nil)
	shown := s.until(t, 60)
	if a, b := shown[0].Format, shown[30].Format; a.Width != 320 || b == nil || b.Width != 640 {
		t.Errorf("%+v then %+v", a, b)
	}
	for i, p := range shown {
		if i > 0 && int32(p.Timestamp-shown[i-1].Timestamp) <= 0 {
			t.Fatalf("picture %d goes back", i)
		}
	}
}

func TestAChildThatDiesIsReplacedAtTheNextKeyFrame(t *testing.T) {
	pictures := film(t, "320x180", 120, asVP8...)
	s := newStage(t, webrtc.MimeTypeVP8, &codecs.VP8Payloader{})
	s.send(pictures[:40], nil)
	s.until(t, 40)
	s.child.cmd.Process.Kill()
	<-s.child.ended
	s.started = s.started.Add(-startAgain)
	s.send(pictures[40:50], nil)
	if !s.Waiting() {
		t.Error("no key frame is waited for")
	}
	s.send(pictures[50:], nil)
	shown := s.until(t, 40+60)
	if !shown[40].Unit.Key {
		t.Error("it goes on without a key frame")
	}
}

func TestAnEndedTrackLeavesNoChild(t *testing.T) {
	s := newStage(t, webrtc.MimeTypeVP8, &codecs.VP8Payloader{})
	pictures := film(t, "320x180", 10, asVP8...)
	s.send(pictures[:5], nil)
	s.until(t, 1)
	s.send(pictures[5:], nil)
	child := s.child
	s.Close()
	if child.cmd.ProcessState == nil {
		t.Error("the child lives")
	}
	if len(s.until(t, 10)) != 10 {
		t.Error("the last pictures were not given")
	}
}
