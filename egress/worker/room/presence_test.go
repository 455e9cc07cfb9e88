package room

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestANarrowEgressEndsWithItsSourceAndFailsWithoutOne(t *testing.T) {
	person := Only{Narrow: true, PicturePerson: "per_a", SoundPerson: "per_a"}
	tracks := Only{Narrow: true, PictureTrack: "TR_v", SoundTrack: "TR_s"}
	there, nobody := map[string]bool{"per_a": true, "per_b": true}, map[string]bool{"per_b": true}
	sound := []Publication{microphone("TR_s", "per_a")}
	for name, c := range map[string]struct {
		only       Only
		tracks     []Publication // for the first minute
		identities map[string]bool
		want       error
		after      time.Duration
	}{
		"a person leaves":         {person, nil, there, ErrClosed, time.Minute + sourceMissed},
		"a person never comes":    {person, sound, nobody, ErrNotFound, sourceAwaited},
		"both tracks unpublished": {tracks, sound, there, ErrClosed, time.Minute + sourceMissed},
		"tracks that never come":  {tracks, nil, there, ErrNotFound, sourceAwaited},
		"the room":                {Only{}, nil, there, nil, 0},
		"a track with all sounds": {Only{Narrow: true, PictureTrack: "TR_v", AllSound: true}, nil, nobody, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := presence{only: c.only}
			for at := time.Duration(0); at < 3*time.Minute; at += lookEvery {
				list, identities := c.tracks, c.identities
				if at > time.Minute {
					list, identities = nil, nobody
				}
				err := p.check(list, identities, noon.Add(at))
				if err == nil {
					continue
				}
				if !errors.Is(err, c.want) || at < c.after || at > c.after+2*lookEvery {
					t.Errorf("%v after %v", err, at)
				}
				if errors.Is(err, ErrNotFound) && !strings.Contains(err.Error(), c.only.names()) {
					t.Errorf("%v names nobody", err)
				}
				return
			}
			if c.want != nil {
				t.Error("it never ended")
			}
		})
	}
}
