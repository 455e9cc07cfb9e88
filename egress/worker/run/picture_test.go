package run

import (
	"path/filepath"
	"testing"
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/journal"
	"amphi/worker/room"
)

const (
	slatePixels = 320 * 180
	frame       = 40 * time.Millisecond
)

// stage is a picture without a room: frames are made of the slate.
type stage struct {
	t     *testing.T
	slate *h264.Slate
	*picture
	clock time.Duration
	asked map[string]int
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
	return &stage{t: t, slate: slate, picture: newPicture(writer, slate), clock: time.Second, asked: map[string]int{}}
}

func (s *stage) chooses(track string, pixels int) {
	s.choose(room.Publication{TrackID: track, Pixels: pixels}, track != "", s.clock)
}

// pass lets time go by; the track sends 25 frames a second and a key frame
// when it is asked for one.
func (s *stage) pass(d time.Duration, track string) {
	s.t.Helper()
	key := false
	for end := s.clock + d; s.clock < end; s.clock += frame {
		if track != "" {
			unit, _ := h264.SplitAVCC(s.slate.Sample())
			f := room.Frame{Unit: unit}
			if key {
				f.Format = s.slate.Format
			}
			key = false
			if err := s.picture.frame(track, f, s.clock-5*time.Millisecond, s.clock); err != nil {
				s.t.Fatal(err)
			}
		}
		ask, err := s.tick(s.clock, func(string) bool { return false })
		if err != nil {
			s.t.Fatal(err)
		}
		if ask != "" {
			s.asked[ask]++
			key = key || ask == track
		}
	}
}

func (s *stage) behind() time.Duration {
	last, _ := s.last()
	return s.clock - last
}

func TestAnEmptyRoomIsASlateThatKeepsTime(t *testing.T) {
	s := newStage(t)
	s.chooses("", 0)
	s.pass(5*time.Second, "")
	if s.shown != "" || s.behind() > fillEvery+fillLag+frame {
		t.Errorf("shows %q, %v behind", s.shown, s.behind())
	}
}

func TestTheChosenTrackIsShownAndAskedForAKeyFrameEveryTwoSeconds(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", slatePixels)
	s.pass(21*time.Second, "camera")
	if s.shown != "camera" || s.asked["camera"] < 10 || s.asked["camera"] > 12 {
		t.Errorf("shows %q, asked %d times", s.shown, s.asked["camera"])
	}
}

func TestALayerThatIsTooSmallIsWaitedOut(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", 1280*720)
	s.pass(3*time.Second, "camera")
	if s.shown != "" {
		t.Error("shown before its best layer was there")
	}
	s.pass(3*time.Second, "camera")
	if s.shown != "camera" {
		t.Error("not shown although there is nothing better")
	}
}

func TestATrackThatStopsIsHeldThenReplacedByTheSlate(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", slatePixels)
	s.pass(5*time.Second, "camera")
	s.pass(time.Second, "")
	if s.shown != "camera" || s.behind() > time.Second/2 {
		t.Errorf("after a second shows %q, %v behind", s.shown, s.behind())
	}
	s.pass(segmentMax, "")
	if s.shown != "" || s.behind() > time.Second/2 {
		t.Errorf("for ever shows %q, %v behind", s.shown, s.behind())
	}
}

func TestAMutedCameraIsNotHeld(t *testing.T) {
	s := newStage(t)
	s.chooses("camera", slatePixels)
	s.pass(5*time.Second, "camera")
	s.chooses("", 0)
	s.pass(stillAfter+2*frame, "")
	if s.shown != "" {
		t.Error("a muted camera is still shown")
	}
}
