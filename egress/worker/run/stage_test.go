package run

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/journal"
	"amphi/worker/room"

	"github.com/livekit/protocol/livekit"
)

const (
	slatePixels = 320 * 180
	frameEvery  = 40 * time.Millisecond // at first
)

// stage is a ladder without a room: frames are made of the slate, layers are
// told apart by their parameter sets.
type stage struct {
	t     *testing.T
	slate *h264.Slate
	*ladder
	dir    string
	ends   *journal.Journal
	clock  time.Duration
	sounds int64
	asked  map[string]int
	keys   map[string]bool
	layers map[int]*h264.Format // by stream, what is sent
	every  time.Duration        // a frame is
}

func newStage(t *testing.T) *stage {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run_a")
	j, err := journal.Create(dir, journal.Run{})
	if err != nil {
		t.Fatal(err)
	}
	slate, err := h264.NewSlate()
	if err != nil {
		t.Fatal(err)
	}
	writer := cmaf.NewWriter(dir, j, time.UnixMilli(0), 0, variants)
	s := &stage{
		t: t, slate: slate, ladder: newLadder(writer, slate), dir: dir, ends: j, clock: time.Second,
		asked: map[string]int{}, keys: map[string]bool{}, layers: map[int]*h264.Format{}, every: frameEvery,
	}
	for stream := range room.Streams {
		s.layers[stream] = s.format(stream + 1)
	}
	return s
}

// format number n: the same size with another PPS will do.
func (s *stage) format(n int) *h264.Format {
	format := *s.slate.Format
	format.PPS = append(bytes.Clone(format.PPS), byte(0x80+n))
	return &format
}

func publication(track string) *room.Publication {
	if track == "" {
		return nil
	}
	p := &room.Publication{TrackID: track, Identity: "per_" + track, Source: livekit.TrackSource_CAMERA}
	for stream := range room.Streams {
		p.Pixels[stream] = slatePixels
	}
	return p
}

func (s *stage) chooses(main, aside string) {
	s.choose(room.Choice{Main: publication(main), Aside: publication(aside)}, s.clock)
}

// pass lets time go by; the tracks send a frame every so often (25 a
// second) in the given streams, and a key frame in all of them when one is asked for one.
func (s *stage) pass(d time.Duration, streams []int, tracks ...string) {
	s.t.Helper()
	for end := s.clock + d; s.clock < end; s.clock += s.every {
		for _, track := range tracks {
			for i := len(streams) - 1; i >= 0; i-- { // small layers come first
				s.send(streams[i], track)
			}
			s.keys[track] = false
		}
		asked, err := s.tick(s.clock, func(laneKey) bool { return false })
		if err != nil {
			s.t.Fatal(err)
		}
		for _, key := range asked {
			s.asked[key.track]++
			for _, stream := range streams {
				s.keys[key.track] = s.keys[key.track] || stream == key.stream
			}
		}
		s.tell()
		for ; s.sounds*1024/48 < s.clock.Milliseconds(); s.sounds++ {
			if err := s.writer.Sound(s.sounds*1024, []byte{1}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

func (s *stage) send(stream int, track string) {
	s.t.Helper()
	unit, _ := h264.SplitAVCC(s.slate.Sample())
	f := room.Frame{Unit: unit}
	if s.keys[track] {
		f.Format = s.layers[stream]
	}
	at := s.clock - 5*time.Millisecond - time.Duration(stream)*time.Millisecond
	if err := s.frame(laneKey{stream, track}, f, at, s.clock); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) tell() {
	if line, changed := s.pictured(s.clock); changed {
		if err := s.ends.Picture(line); err != nil {
			s.t.Fatal(err)
		}
	}
}

type line struct {
	T, Variant    string
	Segment, Init int
	Duration, PDT float64
	Discontinuity bool
	FrameRate     float64
	At            int64
	Main, Aside   *journal.Shown
}

// end closes the run and gives its journal, after having checked what holds of
// all: the same numbers everywhere, no hole, no long part.
func (s *stage) end() []line {
	s.t.Helper()
	if err := s.writer.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.ends.End(journal.Stopped)
	text, err := os.ReadFile(filepath.Join(s.dir, journal.FileName))
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []line
	for _, l := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var parsed line
		if err := json.Unmarshal(l, &parsed); err != nil {
			s.t.Fatal(err)
		}
		lines = append(lines, parsed)
	}
	main := of(lines, "segment", "main")
	for _, variant := range []string{"mid", "low", "audio"} {
		own := of(lines, "segment", variant)
		if len(own) != len(main) && len(own) != len(main)-1 {
			s.t.Errorf("%d segments of %s, %d of main", len(own), variant, len(main))
			continue
		}
		for i := range own {
			if own[i].Segment != i || own[i].Discontinuity != main[i].Discontinuity {
				s.t.Errorf("segment %d of %s: %+v, of main: %+v", i, variant, own[i], main[i])
			}
		}
	}
	for _, variant := range []string{"main", "mid", "low", "audio"} {
		end := 0.0
		for _, p := range of(lines, "part", variant) {
			if end > 0 && (p.PDT-end > 0.1 || end-p.PDT > 0.1) {
				s.t.Errorf("%s %d: a hole of %f ms", variant, p.Segment, p.PDT-end)
			}
			if p.Duration > 0.27 {
				s.t.Errorf("%s %d: a part of %f s", variant, p.Segment, p.Duration)
			}
			end = p.PDT + p.Duration*1000
		}
	}
	return lines
}

func of(lines []line, kind, variant string) (found []line) {
	for _, l := range lines {
		if l.T == kind && l.Variant == variant {
			found = append(found, l)
		}
	}
	return found
}

func (s *stage) behind(rung int) time.Duration { return s.clock - s.rungs[rung].last }

func (s *stage) shows() []int {
	var streams []int
	for _, r := range s.rungs {
		streams = append(streams, r.lane.stream)
	}
	return streams
}

var all = []int{0, 1, 2}
