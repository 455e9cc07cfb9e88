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
	frameEvery  = 40 * time.Millisecond
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
	writer := cmaf.NewWriter(dir, j, time.UnixMilli(0), variants)
	s := &stage{
		t: t, slate: slate, ladder: newLadder(writer, slate), dir: dir, ends: j, clock: time.Second,
		asked: map[string]int{}, keys: map[string]bool{}, layers: map[int]*h264.Format{},
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

// pass lets time go by; the tracks send 25 frames a second in the given
// streams, and a key frame in all of them when one is asked for one.
func (s *stage) pass(d time.Duration, streams []int, tracks ...string) {
	s.t.Helper()
	for end := s.clock + d; s.clock < end; s.clock += frameEvery {
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

func TestAnEmptyRoomIsASlateThatKeepsTime(t *testing.T) {
	s := newStage(t)
	s.chooses("", "")
	s.pass(7*time.Second, nil)
	if s.track != "" || s.behind(0) > fillEvery+fillLag+frameEvery {
		t.Errorf("shows %q, %v behind", s.track, s.behind(0))
	}
	for _, segment := range of(s.end(), "segment", "main")[:2] {
		if segment.Duration < 1.9 || segment.Duration > 2.2 {
			t.Errorf("a segment of %f s", segment.Duration)
		}
	}
}

func TestTheChosenTrackIsShownAndAskedForAKeyFrameEveryTwoSeconds(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", "")
	s.pass(21*time.Second, all, "camera")
	if s.track != "camera" || s.asked["camera"] < 10 || s.asked["camera"] > 14 {
		t.Errorf("shows %q, asked %d times", s.track, s.asked["camera"])
	}
	lines := s.end()
	for i, variant := range []string{"main", "mid", "low"} {
		if inits := of(lines, "init", variant); len(inits) != 1 {
			t.Errorf("%d inits of %s", len(inits), variant)
		}
		if s.shows()[i] != i {
			t.Errorf("%s shows stream %d", variant, s.shows()[i])
		}
	}
}

func TestALayerThatIsTooSmallIsWaitedOut(t *testing.T) {
	s := newStage(t)
	s.choose(room.Choice{Main: &room.Publication{TrackID: "camera", Pixels: [room.Streams]int{1280 * 720, 640 * 360, slatePixels}}}, s.clock)
	s.pass(3*time.Second, all, "camera")
	if s.track != "" {
		t.Error("shown before its best layer was there")
	}
	s.pass(3*time.Second, all, "camera")
	if s.track != "camera" {
		t.Error("not shown although there is nothing better")
	}
	s.end()
}

func TestATrackThatStopsIsHeldThenReplacedByTheSlate(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", "")
	s.pass(5*time.Second, all, "camera")
	s.pass(time.Second, nil)
	if s.track != "camera" || s.behind(0) > time.Second/2 || s.behind(2) > time.Second/2 {
		t.Errorf("after a second shows %q, %v and %v behind", s.track, s.behind(0), s.behind(2))
	}
	s.pass(silentMax, nil)
	if s.track != "" || s.behind(0) > time.Second/2 || s.behind(2) > time.Second/2 {
		t.Errorf("for ever shows %q, %v and %v behind", s.track, s.behind(0), s.behind(2))
	}
	s.pass(5*time.Second, all, "camera")
	if s.track != "camera" {
		t.Errorf("shows %q although the camera is back", s.track)
	}
	s.end()
}

func TestAMutedCameraIsNotHeld(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", "")
	s.pass(5*time.Second, all, "camera")
	s.chooses("", "")
	s.pass(stillAfter+2*frameEvery, nil)
	if s.track != "" {
		t.Error("a muted camera is still shown")
	}
	s.end()
}

func TestALayerThatGoesIsReplacedByTheNextLowerAndTakenWhenItIsBack(t *testing.T) {
	for gone, want := range map[int][]int{0: {1, 1, 2}, 1: {0, 2, 2}, 2: {0, 1, 1}} {
		s := newStage(t)
		s.chooses("camera", "")
		s.pass(6*time.Second, all, "camera")
		var left []int
		for _, stream := range all {
			if stream != gone {
				left = append(left, stream)
			}
		}
		s.pass(6*time.Second, left, "camera")
		for i, stream := range s.shows() {
			if stream != want[i] || s.behind(i) > time.Second/2 {
				t.Errorf("without layer %d: rung %d shows stream %d, %v behind", gone, i, stream, s.behind(i))
			}
		}
		s.pass(8*time.Second, all, "camera")
		for i, stream := range s.shows() {
			if stream != i {
				t.Errorf("with layer %d again: rung %d shows stream %d", gone, i, stream)
			}
		}
		breaks := 0
		for _, segment := range of(s.end(), "segment", "audio") {
			if segment.Discontinuity {
				breaks++
			}
		}
		if breaks != 2 {
			t.Errorf("layer %d: %d discontinuities", gone, breaks)
		}
	}
}

func TestALayerThatChangesItsFormatIsCutInAllRungsAtOnce(t *testing.T) {
	for changed := range room.Streams {
		s := newStage(t)
		s.chooses("camera", "")
		s.pass(6*time.Second, all, "camera")
		s.layers[changed] = s.format(9)
		s.pass(6*time.Second, all, "camera")
		lines := s.end()
		for i, variant := range []string{"main", "mid", "low"} {
			want := 1
			if i == changed {
				want = 2
			}
			if inits := of(lines, "init", variant); len(inits) != want {
				t.Errorf("layer %d changed: %d inits of %s", changed, len(inits), variant)
			}
		}
		if breaks := discontinuities(lines); breaks != 1 {
			t.Errorf("layer %d changed: %d discontinuities", changed, breaks)
		}
	}
}

func discontinuities(lines []line) (breaks int) {
	for _, segment := range of(lines, "segment", "main") {
		if segment.Discontinuity {
			breaks++
		}
	}
	return breaks
}

func TestAnotherPictureIsShownInAllRungsAndTold(t *testing.T) {
	s := newStage(t)
	s.chooses("teacher", "")
	s.pass(6*time.Second, all, "teacher", "student")
	s.chooses("student", "teacher")
	s.pass(6*time.Second, all, "teacher", "student")
	s.chooses("teacher", "")
	s.pass(6*time.Second, all, "teacher", "student")
	lines := s.end()
	var told []string
	for _, l := range lines {
		if l.T == "picture" {
			text := l.Main.PersonID
			if l.Aside != nil {
				text += " " + l.Aside.PersonID
			}
			told = append(told, text)
		}
	}
	if want := []string{"per_teacher", "per_student per_teacher", "per_teacher"}; len(told) != 3 || told[0] != want[0] || told[1] != want[1] || told[2] != want[2] {
		t.Errorf("told %q", told)
	}
	aside := of(lines, "segment", "aside")
	if len(aside) < 2 || len(aside) > 4 || aside[0].Segment < 2 {
		t.Errorf("%d segments of the second picture, the first is %+v", len(aside), aside)
	}
	for _, a := range aside {
		for _, m := range of(lines, "segment", "main") {
			if apart := a.PDT - m.PDT; a.Segment == m.Segment && (apart > 1000 || apart < -150) {
				t.Errorf("segment %d of the second picture starts %f ms apart", a.Segment, apart)
			}
		}
	}
}

func TestTheSecondPictureComesAndGoesAndComes(t *testing.T) {
	s := newStage(t)
	for range 3 {
		s.chooses("teacher", "")
		s.pass(5*time.Second, all, "teacher", "student")
		s.chooses("student", "teacher")
		s.pass(5*time.Second, all, "teacher", "student")
	}
	lines := s.end()
	gaps, last := 0, -1
	for _, segment := range of(lines, "segment", "aside") {
		if segment.Segment != last+1 {
			gaps++
		}
		last = segment.Segment
	}
	if gaps != 3 {
		t.Errorf("the second picture came %d times", gaps)
	}
}

func TestATrackWithoutANewKeyFrameIsShownFromItsLastOneRatherThanTheSlate(t *testing.T) {
	s := newStage(t)
	s.chooses("teacher", "")
	s.keys["student"] = true
	s.pass(6*time.Second, all, "teacher", "student")
	s.chooses("student", "")
	for range 100 {
		s.keys["student"] = false
		s.pass(frameEvery, all, "student")
	}
	if s.track != "student" {
		t.Errorf("shows %q", s.track)
	}
	for _, l := range s.end() {
		if l.T == "picture" && l.Main == nil {
			t.Error("the slate was shown")
		}
	}
}

func TestTheMainPictureChangesNotMoreOftenThanEveryTwoSeconds(t *testing.T) {
	s := newStage(t)
	for i := range 60 {
		s.chooses([]string{"a", "b"}[i%2], "")
		s.pass(300*time.Millisecond, all, "a", "b")
	}
	shown := 0
	var last int64
	for _, l := range s.end() {
		if l.T != "picture" {
			continue
		}
		shown++
		if apart := l.At - last; last > 0 && apart < pictureMin.Milliseconds()-200 {
			t.Errorf("changed after %d ms", apart)
		}
		last = l.At
	}
	if shown < 4 {
		t.Errorf("%d pictures", shown)
	}
}

func TestAPublisherThatNeverAnswersIsCutAtItsLastKeyFrame(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", "")
	s.pass(6*time.Second, all, "camera")
	for range 10 {
		s.pass(time.Second, all, "camera")
		s.keys["camera"] = false
	}
	for range 250 {
		s.keys["camera"] = false
		s.pass(frameEvery, all, "camera")
	}
	lines := s.end()
	for _, variant := range []string{"main", "mid", "low"} {
		for _, segment := range of(lines, "segment", variant) {
			if segment.Duration > 3.49 && segment.Segment > 0 {
				t.Errorf("%s %d: a segment of %f s", variant, segment.Segment, segment.Duration)
			}
		}
		if inits := of(lines, "init", variant); len(inits) != 1 {
			t.Errorf("%d inits of %s", len(inits), variant)
		}
	}
}
