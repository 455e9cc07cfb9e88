package run

import (
	"testing"
	"time"

	"amphi/worker/room"
)

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
