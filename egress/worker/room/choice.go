package room

import (
	"encoding/json"
	"strings"

	"github.com/livekit/protocol/livekit"
)

// Publication is what the choice needs to know of a track.
type Publication struct {
	TrackID  string
	Source   livekit.TrackSource
	Video    bool
	Muted    bool
	MimeType string
	Pixels   int
	Identity string
	Metadata string
}

const roleTeacher = "teacher"

func (p Publication) byTeacher() bool {
	var metadata struct {
		Role string `json:"role"`
	}
	return json.Unmarshal([]byte(p.Metadata), &metadata) == nil && metadata.Role == roleTeacher
}

func (p Publication) playable() bool {
	return p.MimeType == "" || strings.EqualFold(p.MimeType, "video/h264")
}

// choosePicture: a screen share if there is one, else the teacher's camera,
// else nothing. Of several the present one, so that it does not flicker.
func choosePicture(all []Publication, present string) (Publication, bool) {
	return best(all, present, func(p Publication) bool { return !p.Muted })
}

// chooseReady gives the tracks to be subscribed to: the best share and the
// best camera, muted or not, so that changing between them takes one key frame.
func chooseReady(all []Publication, present string) map[string]bool {
	ready := map[string]bool{}
	for _, source := range []livekit.TrackSource{livekit.TrackSource_SCREEN_SHARE, livekit.TrackSource_CAMERA} {
		if p, found := best(all, present, func(p Publication) bool { return p.Source == source }); found {
			ready[p.TrackID] = true
		}
	}
	return ready
}

func best(all []Publication, present string, allowed func(Publication) bool) (Publication, bool) {
	var chosen Publication
	rank := 0
	for _, p := range all {
		r := pictureRank(p)
		if r == 0 || !allowed(p) {
			continue
		}
		if r > rank || r == rank && before(p, chosen, present) {
			chosen, rank = p, r
		}
	}
	return chosen, rank > 0
}

func pictureRank(p Publication) int {
	switch {
	case !p.Video || !p.playable():
		return 0
	case p.Source == livekit.TrackSource_SCREEN_SHARE && p.byTeacher():
		return 3
	case p.Source == livekit.TrackSource_SCREEN_SHARE:
		return 2
	case p.Source == livekit.TrackSource_CAMERA && p.byTeacher():
		return 1
	default:
		return 0
	}
}

func before(a, b Publication, present string) bool {
	if a.TrackID == present || b.TrackID == present {
		return a.TrackID == present
	}
	return a.TrackID < b.TrackID
}

// audible: everybody's microphone, and the sound of a shared screen.
func audible(p Publication) bool {
	return !p.Video && (p.Source == livekit.TrackSource_MICROPHONE || p.Source == livekit.TrackSource_SCREEN_SHARE_AUDIO)
}
