package cmaf

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"amphi/worker/h264"
	"amphi/worker/journal"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
)

type line struct {
	T             string
	Variant       string
	Segment, Part int
	Init          int
	File          string
	Offset, Size  int
	Duration, PDT float64
	Independent   bool
	Discontinuity bool
	Width, Height int
}

// stage is a run that is written by hand, and what came of it.
type stage struct {
	t      *testing.T
	dir    string
	writer *Writer
	ends   *journal.Journal
	slate  *h264.Slate
	sounds int64

	format *h264.Format
}

var zero = time.UnixMilli(1_763_851_234_000)

func newStage(t *testing.T) *stage {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cls_a", "run_a")
	j, err := journal.Create(dir, journal.Run{RunID: "run_a"})
	if err != nil {
		t.Fatal(err)
	}
	slate, err := h264.NewSlate()
	if err != nil {
		t.Fatal(err)
	}
	variants := []Variant{
		{Name: "main", Picture: true, Sound: true}, {Name: "low", Picture: true, Sound: true}, {Name: "audio", Sound: true},
	}
	return &stage{t: t, dir: dir, ends: j, slate: slate, writer: NewWriter(dir, j, zero, 0, variants)}
}

// other is another format: the same size with another PPS will do.
func (s *stage) other() *h264.Format {
	format := *s.slate.Format
	format.PPS = append(bytes.Clone(format.PPS), 0x80)
	return &format
}

// picture pushes one; key frames start a segment, late ones of a second variant
// too.
func (s *stage) picture(ms int64, format *h264.Format) {
	s.t.Helper()
	p := Picture{At: ms * tick, Format: format, Payload: []byte{0, 0, 0, 2, 0x41, byte(ms)}, Rate: 25}
	if format == nil {
		s.push(p)
		return
	}
	p.Payload = s.slate.Sample()
	segment := s.writer.Cut(s.format != nil && !s.format.Equal(format))
	s.format = format
	for variant := range 2 {
		if err := s.writer.Start(variant, segment, p); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) push(p Picture) {
	for variant := range 2 {
		if err := s.writer.Push(variant, p); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) soundUntil(ms int64) {
	s.t.Helper()
	for s.sounds*soundFrame*1000/SoundHz < ms {
		if err := s.writer.Sound(s.sounds*soundFrame, []byte{1, 2, 3}); err != nil {
			s.t.Fatal(err)
		}
		s.sounds++
	}
}

// play pushes 25 frames a second; key gives the format of key frames.
func (s *stage) play(fromMs, toMs int64, key func(ms int64) *h264.Format) {
	s.t.Helper()
	for ms := fromMs; ms < toMs; ms += 40 {
		s.picture(ms, key(ms))
		s.soundUntil(ms)
	}
}

func (s *stage) end() []line {
	s.t.Helper()
	if err := s.writer.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.ends.End(journal.Stopped)
	return s.lines()
}

func (s *stage) lines() (lines []line) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, journal.FileName))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var parsed line
		if err := json.Unmarshal(l, &parsed); err != nil {
			s.t.Fatal(err)
		}
		lines = append(lines, parsed)
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

// every two seconds a key frame.
func steady(format *h264.Format) func(int64) *h264.Format {
	return func(ms int64) *h264.Format {
		if ms%2000 == 0 {
			return format
		}
		return nil
	}
}

func TestPartsAreOnTheFileWhereTheJournalSaysAndDecode(t *testing.T) {
	s := newStage(t)
	s.play(0, 5000, steady(s.slate.Format))
	lines := s.end()
	for _, variant := range []string{"main", "low", "audio"} {
		next := map[int]uint64{}
		for _, p := range of(lines, "part", variant) {
			data, err := os.ReadFile(filepath.Join(s.dir, p.File))
			if err != nil {
				t.Fatal(err)
			}
			var parts fmp4.Parts
			if err := parts.Unmarshal(data[p.Offset : p.Offset+p.Size]); err != nil || len(parts) != 1 {
				t.Fatalf("%s %d.%d: %d parts, %v", variant, p.Segment, p.Part, len(parts), err)
			}
			for _, track := range parts[0].Tracks {
				if at, known := next[track.ID]; known && track.BaseTime != at {
					t.Errorf("%s %d.%d track %d starts at %d, the last ended at %d", variant, p.Segment, p.Part, track.ID, track.BaseTime, at)
				}
				end := track.BaseTime
				for _, sample := range track.Samples {
					end += uint64(sample.Duration)
				}
				next[track.ID] = end
			}
		}
	}
}

func TestTheTimeOfAPartIsServerTime(t *testing.T) {
	s := newStage(t)
	s.play(1000, 4000, func(ms int64) *h264.Format {
		if ms == 1000 || ms == 3000 {
			return s.slate.Format
		}
		return nil
	})
	at := 0.0
	for _, p := range of(s.end(), "part", "main") {
		want := 1_763_851_235_000 + at*1000
		if p.PDT < want-0.01 || p.PDT > want+0.01 {
			t.Errorf("%d.%d is at %f, not %f", p.Segment, p.Part, p.PDT, want)
		}
		at += p.Duration
	}
}

func TestAChangeOfFormatIsDecidedForAllVariantsAtOnce(t *testing.T) {
	s := newStage(t)
	changed := s.other()
	s.play(0, 7000, func(ms int64) *h264.Format {
		switch {
		case ms == 2920: // not where a segment would end
			return changed
		case ms%2000 == 0 && ms < 2920:
			return s.slate.Format
		case ms%2000 == 0 && ms > 4000:
			return changed
		}
		return nil
	})
	lines := s.end()
	if inits := of(lines, "init", "main"); len(inits) != 2 || len(of(lines, "init", "audio")) != 1 {
		t.Errorf("%d and %d inits", len(inits), len(of(lines, "init", "audio")))
	}
	main, audio := of(lines, "segment", "main"), of(lines, "segment", "audio")
	if len(main) != 4 || len(audio) != 4 {
		t.Fatalf("%d and %d segments", len(main), len(audio))
	}
	for i := range main {
		breaks := i == 2
		if main[i].Segment != i || audio[i].Segment != i || main[i].Discontinuity != breaks || audio[i].Discontinuity != breaks {
			t.Errorf("segment %d: %+v %+v", i, main[i], audio[i])
		}
		if apart := audio[i].PDT - main[i].PDT; apart < 0 || apart > 22 {
			t.Errorf("segment %d: variants start %f ms apart", i, apart)
		}
		if init := 0; i >= 2 {
			init = 1
			if main[i].Init != init {
				t.Errorf("segment %d has init %d", i, main[i].Init)
			}
		}
	}
	for _, p := range of(lines, "part", "main") {
		if p.Part == 0 && !p.Independent {
			t.Errorf("segment %d does not start with a key frame", p.Segment)
		}
	}
}

func TestTheSegmentLineComesBeforeTheNextPart(t *testing.T) {
	s := newStage(t)
	s.play(0, 7000, steady(s.slate.Format))
	closed := map[string]int{"main": -1, "low": -1, "audio": -1}
	for _, l := range s.end() {
		if l.T == "segment" {
			closed[l.Variant] = l.Segment
		}
		if l.T == "part" && closed[l.Variant] != l.Segment-1 {
			t.Errorf("a part of %s %d while %d was closed last", l.Variant, l.Segment, closed[l.Variant])
		}
	}
}

func TestASegmentIsOverTogetherWithItsLastPart(t *testing.T) {
	s := newStage(t)
	s.play(0, 7000, steady(s.slate.Format))
	lines := s.lines()
	for _, variant := range []string{"main", "low", "audio"} {
		if whole := of(lines, "segment", variant); len(whole) != 3 {
			t.Errorf("%d segments of %s", len(whole), variant)
		}
	}
	for i, l := range lines {
		if l.T != "segment" {
			continue
		}
		if before := lines[i-1]; before.T != "part" || before.Variant != l.Variant || before.Segment != l.Segment {
			t.Errorf("%s %d is over after %+v", l.Variant, l.Segment, before)
		}
	}
}

func TestLateFramesAreMovedForward(t *testing.T) {
	s := newStage(t)
	s.picture(1000, s.slate.Format)
	s.picture(900, nil)
	if at, _ := s.writer.Last(0); at != 1000*tick+frameMin {
		t.Errorf("at %d", at)
	}
}

func TestAPartWaitsForItsSound(t *testing.T) {
	s := newStage(t)
	for ms := int64(0); ms < 1000; ms += 40 {
		s.picture(ms, map[bool]*h264.Format{true: s.slate.Format}[ms == 0])
	}
	if s.writer.Parts() != 0 {
		t.Error("a part without its sound")
	}
	s.soundUntil(500)
	if s.writer.Parts() != 2 {
		t.Errorf("%d parts for half a second of sound", s.writer.Parts())
	}
}

func TestEachVariantStartsASegmentAtItsOwnKeyFrame(t *testing.T) {
	s := newStage(t)
	s.play(0, 2000, steady(s.slate.Format))
	segment := s.writer.Cut(true)
	start := func(variant int, ms int64, format *h264.Format) {
		if err := s.writer.Start(variant, segment, Picture{At: ms * tick, Format: format, Payload: s.slate.Sample()}); err != nil {
			t.Fatal(err)
		}
	}
	start(0, 2000, s.slate.Format)
	for ms := int64(2040); ms < 3200; ms += 40 {
		if ms == 2200 {
			start(1, ms, s.other())
		} else {
			s.push(Picture{At: ms * tick, Payload: []byte{0, 0, 0, 1, 0x41}})
		}
	}
	s.soundUntil(3200)
	lines := s.end()
	main, low := of(lines, "segment", "main"), of(lines, "segment", "low")
	if len(main) != 2 || len(low) != 2 || !main[1].Discontinuity || !low[1].Discontinuity {
		t.Fatalf("%+v %+v", main, low)
	}
	if apart := low[1].PDT - main[1].PDT; apart < 199 || apart > 201 {
		t.Errorf("%f ms apart", apart)
	}
	if inits := of(lines, "init", "low"); len(inits) != 2 || len(of(lines, "init", "main")) != 1 {
		t.Errorf("inits %+v", inits)
	}
}

func TestAVariantMayPauseAndComeBackInALaterSegment(t *testing.T) {
	s := newStage(t)
	s.play(0, 2000, steady(s.slate.Format))
	if err := s.writer.Pause(1); err != nil {
		t.Fatal(err)
	}
	for ms := int64(2000); ms < 6000; ms += 40 {
		p := Picture{At: ms * tick, Payload: []byte{0, 0, 0, 1, 0x41}}
		if ms%2000 != 0 {
			s.push(p)
		} else {
			p.Format, p.Payload = s.slate.Format, s.slate.Sample()
			segment := s.writer.Cut(false)
			s.writer.Start(0, segment, p)
			if ms == 4000 {
				s.writer.Start(1, segment, p)
			}
		}
		s.soundUntil(ms)
	}
	var numbers []int
	for _, segment := range of(s.end(), "segment", "low") {
		numbers = append(numbers, segment.Segment)
	}
	if len(numbers) != 2 || numbers[0] != 0 || numbers[1] != 2 {
		t.Errorf("segments %v", numbers)
	}
}

func TestOfASegmentWithoutPartsNothingIsSaid(t *testing.T) {
	s := newStage(t)
	o := &output{Variant: Variant{Name: "audio", Sound: true}, dir: s.dir, journal: s.ends}
	if err := o.writeInit(nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := o.begin(0, false, 0); err != nil {
		t.Fatal(err)
	}
	if err := o.finish(); err != nil {
		t.Fatal(err)
	}
	if said := of(s.lines(), "segment", "audio"); len(said) != 0 {
		t.Errorf("said %+v", said)
	}
}
