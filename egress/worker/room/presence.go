package room

import (
	"fmt"
	"time"
)

const (
	// As long as the official egress waits for what it is to record.
	sourceAwaited = 30 * time.Second
	// A list of participants that is brought up to date may lack one for a moment.
	sourceMissed = 2 * time.Second
)

// presence of those whom a narrow request names: as with the official egress,
// who never comes fails it, and who has left ends it.
type presence struct {
	only  Only
	began time.Time
	last  time.Time // when one of them was there; zero: never
}

// check gives ErrNotFound or ErrClosed when there is nothing to wait for.
func (p *presence) check(all []Publication, identities map[string]bool, now time.Time) error {
	if !p.only.Narrow || p.only.AllSound {
		return nil
	}
	if p.began.IsZero() {
		p.began = now
	}
	switch {
	case p.only.within(all, identities):
		p.last = now
	case p.last.IsZero() && now.Sub(p.began) > sourceAwaited:
		return fmt.Errorf("%w: %s", ErrNotFound, p.only.names())
	case !p.last.IsZero() && now.Sub(p.last) > sourceMissed:
		return ErrClosed
	}
	return nil
}

// within says that one of those that are meant is in the room.
func (o Only) within(all []Publication, identities map[string]bool) bool {
	for _, p := range all {
		if p.TrackID == o.PictureTrack || p.TrackID == o.SoundTrack {
			return true
		}
	}
	return o.PicturePerson != "" && identities[o.PicturePerson] || o.SoundPerson != "" && identities[o.SoundPerson]
}

func (o Only) names() string {
	for _, name := range []string{o.PictureTrack, o.SoundTrack, o.PicturePerson, o.SoundPerson} {
		if name != "" {
			return name
		}
	}
	return ""
}
