package room

import (
	"fmt"
	"maps"
	"testing"

	"github.com/livekit/protocol/livekit"
)

func microphone(id, person string) Publication {
	return Publication{TrackID: id, Identity: person, Source: livekit.TrackSource_MICROPHONE}
}

func TestOnePictureAndOneSoundOfARoom(t *testing.T) {
	screen := share("x", byTeacher)
	screen.Identity = "per_s"
	all := []Publication{camera("t", byTeacher), camera("s", byStudent), screen, microphone("m", "per_s"), microphone("n", "per_t")}
	for name, c := range map[string]struct {
		only  Only
		main  string
		hears string
	}{
		"a person's camera":              {Only{Narrow: true, PicturePerson: "per_s", SoundPerson: "per_s"}, "s", "m"},
		"a person's screen":              {Only{Narrow: true, PicturePerson: "per_s", Screen: ScreenOnly}, "x", ""},
		"no screen is no picture":        {Only{Narrow: true, PicturePerson: "per_t", Screen: ScreenOnly}, "", ""},
		"no screen, else the camera":     {Only{Narrow: true, PicturePerson: "per_t", Screen: ScreenElseCamera}, "t", ""},
		"a track":                        {Only{Narrow: true, PictureTrack: "s", SoundTrack: "n"}, "s", "n"},
		"a track that is not there":      {Only{Narrow: true, PictureTrack: "gone", SoundTrack: "m"}, "", "m"},
		"one picture, everybody's sound": {Only{Narrow: true, PictureTrack: "t", AllSound: true}, "t", "mn"},
	} {
		chooser := chooser{only: c.only}
		got := chooser.choose(all, "per_t", nil, start)
		heard := ""
		for _, p := range all {
			if c.only.hears(p) {
				heard += p.TrackID
			}
		}
		if trackID(got.Main) != c.main || got.Aside != nil || heard != c.hears {
			t.Errorf("%s: %q, hears %q", name, trackID(got.Main), heard)
		}
		if ready := chooser.ready(all, "per_t"); len(ready) > 1 || c.main != "" && !ready[c.main] {
			t.Errorf("%s: ready are %v", name, ready)
		}
	}
}

func TestAPersonIsHeardThroughAFewTracksOnly(t *testing.T) {
	var all []Publication
	for n := range 100 {
		all = append(all, Publication{TrackID: fmt.Sprintf("TR_%02d", (n*37)%100), Identity: "per_a", Source: livekit.TrackSource_MICROPHONE})
	}
	all = append(all,
		Publication{TrackID: "TR_share", Identity: "per_a", Source: livekit.TrackSource_SCREEN_SHARE_AUDIO},
		Publication{TrackID: "TR_b", Identity: "per_b", Source: livekit.TrackSource_MICROPHONE},
		Publication{TrackID: "TR_camera", Identity: "per_b", Source: livekit.TrackSource_CAMERA, Video: true})
	heard := Only{}.heard(all)
	want := map[string]bool{"TR_00": true, "TR_01": true, "TR_share": true, "TR_b": true}
	if !maps.Equal(heard, want) {
		t.Errorf("%v", heard)
	}
}
