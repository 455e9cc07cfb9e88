package room

import (
	"testing"

	"github.com/livekit/protocol/livekit"
)

const (
	byTeacher = `{"role":"teacher","name":"T"}`
	byStudent = `{"role":"student"}`
)

func camera(id, metadata string) Publication {
	return Publication{TrackID: id, Video: true, Source: livekit.TrackSource_CAMERA, Metadata: metadata}
}

func share(id, metadata string) Publication {
	return Publication{TrackID: id, Video: true, Source: livekit.TrackSource_SCREEN_SHARE, Metadata: metadata, MimeType: "video/H264"}
}

func muted(p Publication) Publication {
	p.Muted = true
	return p
}

func TestWhatIsShown(t *testing.T) {
	vp8 := share("s", byTeacher)
	vp8.MimeType = "video/VP8"
	for name, c := range map[string]struct {
		all     []Publication
		present string
		want    string
	}{
		"a student's camera is not":            {[]Publication{camera("c", byStudent), camera("d", "not json")}, "", ""},
		"the teacher's camera is":              {[]Publication{camera("a", byStudent), camera("c", byTeacher)}, "", "c"},
		"a share goes before the camera":       {[]Publication{camera("c", byTeacher), share("s", byStudent)}, "c", "s"},
		"the teacher's share before others":    {[]Publication{share("a", byStudent), share("s", byTeacher)}, "a", "s"},
		"a muted share gives way":              {[]Publication{camera("c", byTeacher), muted(share("s", byTeacher))}, "s", "c"},
		"a muted camera is none":               {[]Publication{muted(camera("c", byTeacher))}, "c", ""},
		"of two cameras the present one stays": {[]Publication{camera("a", byTeacher), camera("b", byTeacher)}, "b", "b"},
		"what is not H.264 cannot be":          {[]Publication{vp8, camera("c", byTeacher)}, "", "c"},
	} {
		got, found := choosePicture(c.all, c.present)
		if got.TrackID != c.want || found != (c.want != "") {
			t.Errorf("%s: %q", name, got.TrackID)
		}
	}
}

func TestCameraAndShareAreBothReady(t *testing.T) {
	ready := chooseReady([]Publication{muted(camera("c", byTeacher)), share("s", byTeacher), share("x", byStudent), camera("d", byStudent)}, "s")
	if len(ready) != 2 || !ready["c"] || !ready["s"] {
		t.Errorf("%v", ready)
	}
}
