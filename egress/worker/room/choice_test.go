package room

import (
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
)

const (
	byTeacher = `{"role":"teacher","name":"T"}`
	byStudent = `{"role":"student_speaker"}`
)

func camera(id, metadata string) Publication {
	return Publication{TrackID: id, Identity: "per_" + id, Video: true, Source: livekit.TrackSource_CAMERA, Metadata: metadata}
}

func share(id, metadata string) Publication {
	return Publication{TrackID: id, Identity: "per_" + id, Video: true, Source: livekit.TrackSource_SCREEN_SHARE, Metadata: metadata, MimeType: "video/H264"}
}

func muted(p Publication) Publication {
	p.Muted = true
	return p
}

var start = time.UnixMilli(0)

func TestWhatIsShown(t *testing.T) {
	vp8, hevc := share("s", byTeacher), share("h", byTeacher)
	vp8.MimeType, hevc.MimeType = "video/VP8", "video/H265"
	teacher, student := camera("t", byTeacher), camera("s", byStudent)
	for name, c := range map[string]struct {
		all         []Publication
		pinned      string
		present     string
		main, aside string
	}{
		"a silent student's camera is not":     {[]Publication{student, camera("d", "not json")}, "", "", "", ""},
		"the teacher's camera is":              {[]Publication{student, teacher}, "", "", "t", ""},
		"a share goes before the camera":       {[]Publication{teacher, share("x", byStudent)}, "", "t", "x", "t"},
		"the teacher's share before others":    {[]Publication{share("a", byStudent), share("x", byTeacher)}, "", "a", "x", ""},
		"a muted share gives way":              {[]Publication{teacher, muted(share("x", byTeacher))}, "", "x", "t", ""},
		"a muted camera is none":               {[]Publication{muted(teacher)}, "", "t", "", ""},
		"of two cameras the present one stays": {[]Publication{camera("a", byTeacher), camera("b", byTeacher)}, "", "b", "b", ""},
		"what can be transcoded is":            {[]Publication{vp8, teacher}, "", "", "s", "t"},
		"what cannot be transcoded is not":     {[]Publication{hevc, teacher}, "", "", "t", ""},
		"the pinned person is":                 {[]Publication{teacher, student}, "per_s", "t", "s", "t"},
		"a pinned person without a camera not": {[]Publication{teacher, muted(student)}, "per_s", "t", "t", ""},
		"a share goes before the pinned":       {[]Publication{teacher, student, share("x", byTeacher)}, "per_s", "s", "x", "t"},
		"aside is the pinned, without teacher": {[]Publication{student, share("x", byTeacher)}, "per_s", "x", "x", "s"},
		"the teacher is pinned":                {[]Publication{teacher, student}, "per_t", "", "t", ""},
	} {
		chooser := chooser{main: c.present}
		got := chooser.choose(c.all, c.pinned, nil, start)
		if trackID(got.Main) != c.main || trackID(got.Aside) != c.aside {
			t.Errorf("%s: %q and %q", name, trackID(got.Main), trackID(got.Aside))
		}
	}
}

// talk lets people speak for so many half seconds, and gives who is main then.
type talk struct {
	chooser
	all []Publication
	now time.Time
}

func (t *talk) goOn(halfSeconds int, speakers ...string) (main string) {
	for range halfSeconds {
		t.now = t.now.Add(500 * time.Millisecond)
		main = trackID(t.choose(t.all, "", speakers, t.now).Main)
	}
	return main
}

func TestWhoSpeaksForAWhileIsShownUntilSomebodyElseDoes(t *testing.T) {
	room := &talk{all: []Publication{camera("t", byTeacher), camera("s", byStudent), camera("x", byStudent)}, now: start}
	for i, step := range []struct {
		halfSeconds int
		speakers    []string
		want        string
	}{
		{4, []string{"per_t"}, "t"},
		{2, []string{"per_s"}, "t"}, // a yes
		{2, nil, "t"},
		{4, []string{"per_s", "per_t"}, "s"},
		{8, nil, "s"}, // thinks
		{2, []string{"per_t"}, "s"},
		{4, []string{"per_t"}, "t"},
		{5, []string{"per_nobody", "per_x"}, "x"}, // without a camera nobody is shown
		{20, nil, "t"},
	} {
		if got := room.goOn(step.halfSeconds, step.speakers...); got != step.want {
			t.Errorf("step %d shows %q", i, got)
		}
	}
}

func TestWhatMayBeShownNextIsReady(t *testing.T) {
	var chooser chooser
	all := []Publication{muted(camera("c", byTeacher)), share("s", byTeacher), share("x", byStudent), camera("d", byStudent), camera("e", byStudent)}
	chooser.choose(all, "per_d", nil, start)
	ready := chooser.ready(all, "per_d")
	if len(ready) != 3 || !ready["c"] || !ready["s"] || !ready["d"] {
		t.Errorf("%v", ready)
	}
}

func TestPinnedIsReadFromTheRoomsMetadata(t *testing.T) {
	for text, want := range map[string]string{
		`{"pinned":"per_a"}`: "per_a", `{"pinned":null}`: "", `{}`: "", "": "", "nonsense": "", `{"pinned":7}`: "",
	} {
		if got := parsePinned(text); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestATrackIsTranscodedOnceForEachLayerItHas(t *testing.T) {
	for name, c := range map[string]struct {
		mimeType string
		pixels   [Streams]int
		layered  bool
	}{
		"H.264, which is passed through": {"video/H264", [Streams]int{9, 9, 9}, true},
		"VP8 in layers":                  {"video/VP8", [Streams]int{9, 4, 1}, true},
		"VP8 in one":                     {"video/VP8", [Streams]int{9, 9, 9}, false},
		"VP9":                            {"video/VP9", [Streams]int{9, 4, 1}, false},
	} {
		if p := (Publication{MimeType: c.mimeType, Pixels: c.pixels}); p.layered(2) != c.layered {
			t.Errorf("%s: %v", name, !c.layered)
		}
	}
}
