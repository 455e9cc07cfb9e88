package room

import (
	"slices"
	"strings"

	"github.com/livekit/protocol/livekit"
)

// Only narrows a room to one picture and one sound. The zero value is all of
// the room.
type Only struct {
	Narrow bool

	PictureTrack  string
	PicturePerson string
	Screen        PersonScreen

	AllSound    bool
	SoundTrack  string
	SoundPerson string
}

// PersonScreen says which picture of a person is meant.
type PersonScreen int

const (
	CameraOnly PersonScreen = iota
	ScreenOnly
	ScreenElseCamera
)

// choice is the one picture, if it can be seen.
func (o Only) choice(all []Publication) Choice {
	var chosen *Publication
	for i, p := range all {
		if !p.Video || !p.playable() || p.Muted {
			continue
		}
		switch {
		case o.PictureTrack != "":
			if p.TrackID == o.PictureTrack {
				chosen = &all[i]
			}
		case o.PicturePerson == "" || p.Identity != o.PicturePerson:
		case p.screen() && o.Screen != CameraOnly:
			return Choice{Main: &all[i]}
		case p.camera() && o.Screen != ScreenOnly:
			chosen = &all[i]
		}
	}
	return Choice{Main: chosen}
}

// hears: a microphone, or the sound of a shared screen, of those that are meant.
func (o Only) hears(p Publication) bool {
	if p.Video || p.Source != livekit.TrackSource_MICROPHONE && p.Source != livekit.TrackSource_SCREEN_SHARE_AUDIO && p.TrackID != o.SoundTrack {
		return false
	}
	if !o.Narrow || o.AllSound {
		return true
	}
	return o.SoundTrack != "" && p.TrackID == o.SoundTrack || o.SoundPerson != "" && p.Identity == o.SoundPerson
}

// A person has one microphone and may share one sound; a client that publishes
// anew has two of a kind for a moment. Whoever sends more of them wants the
// worker to decode for nothing.
const soundsOfPerson = 2

// heard are the sounds to be mixed, by track id.
func (o Only) heard(all []Publication) map[string]bool {
	type kind struct {
		identity string
		source   livekit.TrackSource
	}
	counts, heard := map[kind]int{}, map[string]bool{}
	// In an order that does not change, so that who is heard stays so.
	for _, p := range slices.SortedFunc(slices.Values(all), func(a, b Publication) int { return strings.Compare(a.TrackID, b.TrackID) }) {
		of := kind{p.Identity, p.Source}
		if o.hears(p) && counts[of] < soundsOfPerson {
			counts[of]++
			heard[p.TrackID] = true
		}
	}
	return heard
}
