package run

import (
	"time"

	"amphi/worker/journal"
	"amphi/worker/room"

	"github.com/livekit/protocol/livekit"
)

const (
	asideStream  = room.Streams - 1 // the lowest layer
	asideVariant = room.Streams
	// What comes later than this after the others waits for the next segment.
	asideLate = time.Second
	// A segment this old that has not got its successor ends here; what is still
	// queued makes it longer by a part.
	asideMax = 3 * time.Second
)

// aside is the second picture: it keeps the numbers of the others, pauses when
// there is none, and never holds anything up.
type aside struct {
	rung
	on bool
}

func (a *aside) step(l *ladder, now time.Duration) error {
	wanted := l.choice.Aside
	// Both pictures change at once: the old aside stays as long as the old main.
	changes := a.on && l.choice.Main != nil && l.choice.Main.TrackID != l.track
	switch {
	case changes:
		wanted = &room.Publication{TrackID: a.lane.track}
	case wanted == nil || wanted.TrackID == l.track:
		return a.pause()
	}
	if err := a.begin(l, l.lanes[laneKey{asideStream, wanted.TrackID}], now); err != nil || !a.on {
		return err
	}
	if a.holds {
		key, _ := a.lane.key()
		passed := l.passed(key.at) || now-a.lane.keyAt > holdMax
		a.holds = !passed || !key.format.Equal(a.format)
	}
	return a.advance()
}

// begin starts the segment that the others have begun, or pauses if it cannot.
func (a *aside) begin(l *ladder, lane *lane, now time.Duration) error {
	newest := l.writer.Segments() - 1
	if a.taken > newest {
		return nil
	}
	key, found := lane.key()
	late := key.at - l.cutAt
	switch {
	case found && late >= -together && late < asideLate && (lane != a.lane || a.next == 0):
		a.on = true
		return a.take(lane, newest)
	case !a.on || now-l.cutSeen <= owedMax && now-a.startAt <= asideMax:
	case found && lane == a.lane && now-lane.last < goneAfter:
		return a.take(lane, newest) // its last one again
	default:
		return a.pause()
	}
	return nil
}

func (a *aside) pause() error {
	if !a.on {
		return nil
	}
	a.on, a.lane, a.holds = false, nil, false
	return a.writer.Pause(a.variant)
}

// pictures is what is seen, as the journal says it.
type pictures struct {
	told bool
	line journal.Picture
}

// told: which pictures are seen since when, if that changed.
func (l *ladder) pictured(now time.Duration) (journal.Picture, bool) {
	line := journal.Picture{Main: l.who(l.track)}
	if l.aside.on {
		line.Aside = l.who(l.aside.lane.track)
	}
	// The second picture comes with the first, or shortly after it.
	comes := l.choice.Aside != nil && !l.aside.on && l.choice.Aside.TrackID != l.track
	if !l.started() || comes && now-l.shownAt < asideLate {
		return line, false
	}
	last := &l.pictures
	if last.told && same(last.line.Main, line.Main) && same(last.line.Aside, line.Aside) {
		return line, false
	}
	line.At = int64(l.writer.PDT(toTicks(l.cutAt)))
	last.told, last.line = true, line
	return line, true
}

func same(a, b *journal.Shown) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func (l *ladder) who(track string) *journal.Shown {
	publication, known := l.known[track]
	if !known {
		return nil
	}
	source := "camera"
	if publication.Source == livekit.TrackSource_SCREEN_SHARE {
		source = "screen"
	}
	return &journal.Shown{PersonID: publication.Identity, Source: source}
}
