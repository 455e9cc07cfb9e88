package run

import (
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/room"
)

const (
	// A key frame earlier than this does not start a segment; one is asked for
	// at 1.9 s, so this takes in those that others asked for.
	segmentMin = 1200 * time.Millisecond
	// A change of format cannot wait, but shorter segments help nobody.
	cutMin = 500 * time.Millisecond
	// The slate has key frames only: it is cut where the others are.
	slateSegment = 2 * time.Second
	slateRate    = float64(time.Second) / float64(fillEvery)
	// No stream of the room's.
	slateStream = -1
)

// ladder decides what is seen in all rungs: the chosen track, each rung its own
// layer of it; its last picture again; or the slate. The first rung leads: it
// cuts at its own key frames, the others follow at theirs, which a publisher
// makes at the same moment in all layers. It belongs to the run's goroutine.
type ladder struct {
	writer *cmaf.Writer
	slate  *h264.Slate
	blank  *lane // of the slate
	lanes  map[laneKey]*lane
	rungs  []*rung
	aside  *aside
	keys   keys

	known    map[string]room.Publication // what was ever chosen, by track
	pictures pictures

	began    time.Duration // when the room was first seen, negative before
	choice   room.Choice
	track    string        // that the rungs show; empty: the slate, or nothing yet
	shownAt  time.Duration // since when
	cutAt    time.Duration // where the newest segment starts
	cutSeen  time.Duration // when that was decided
	wantsCut bool          // a rung cannot go on without one
}

func newLadder(writer *cmaf.Writer, slate *h264.Slate) *ladder {
	l := &ladder{
		writer: writer, slate: slate, blank: &lane{laneKey: laneKey{stream: slateStream}},
		lanes: map[laneKey]*lane{}, keys: keys{}, known: map[string]room.Publication{}, began: -1,
	}
	for i := range room.Streams {
		l.rungs = append(l.rungs, &rung{writer: writer, variant: i})
	}
	l.rungs[0].keeps = true
	l.aside = &aside{rung: rung{writer: writer, variant: asideVariant}}
	return l
}

func (l *ladder) leader() *rung { return l.rungs[0] }

func (l *ladder) started() bool { return l.leader().taken > 0 }

func (l *ladder) choose(choice room.Choice, now time.Duration) {
	if l.began < 0 {
		l.began = now
	}
	l.choice = choice
	for _, p := range []*room.Publication{choice.Main, choice.Aside} {
		if p != nil {
			l.known[p.TrackID] = *p
		}
	}
}

// step decides what can be decided.
func (l *ladder) step(now time.Duration) error {
	if err := l.lead(now); err != nil {
		return err
	}
	if !l.started() {
		return nil
	}
	for i := range l.rungs[1:] {
		if err := l.trail(i+1, now); err != nil {
			return err
		}
	}
	return l.aside.step(l, now)
}

// lead moves the first rung on, and cuts.
func (l *ladder) lead(now time.Duration) error {
	r := l.leader()
	if next := l.change(now); next != nil {
		return l.cut(next, now)
	}
	if r.lane == nil {
		return nil
	}
	if r.holds {
		key, _ := r.lane.key()
		age, same := key.at-l.cutAt, key.format.Equal(r.format)
		switch {
		case r.lane == l.blank && age < slateSegment:
		case age >= segmentMin, age >= cutMin && l.wantsCut, now-l.cutAt >= cutMin && !same:
			return l.cut(r.lane, now)
		case !same:
			return nil // shortly, or at the next one
		}
		r.holds = false
	}
	return r.advance()
}

// cut starts a segment in the first rung, and in those that can.
func (l *ladder) cut(lane *lane, now time.Duration) error {
	leader := l.leader()
	for i, r := range l.rungs[1:] {
		if l.owes(r) {
			if err := l.force(i+1, now); err != nil {
				return err
			}
		}
	}
	key := lane.group[0]
	breaks := leader.format != nil && !key.format.Equal(leader.format)
	for i, r := range l.rungs[1:] {
		if own := l.candidate(i+1, lane.track, key.at-together, now); own != nil && r.format != nil {
			breaks = breaks || !own.group[0].format.Equal(r.format)
		}
	}
	first := !l.started()
	if err := leader.take(lane, l.writer.Cut(breaks)); err != nil {
		return err
	}
	if l.track != lane.track {
		l.track, l.shownAt = lane.track, now
	}
	l.cutAt, l.cutSeen, l.wantsCut = leader.last, now, false
	for i := range l.rungs[1:] {
		if own := l.candidate(i+1, l.track, l.cutAt-together, now); own == nil && first {
			if err := l.force(i+1, now); err != nil {
				return err
			}
		}
	}
	return leader.advance()
}

func (l *ladder) owes(r *rung) bool { return r.taken < l.writer.Segments() }

// tick fills what is missing, goes over to the slate if need be, and says
// which lanes should send a key frame. lossy says that one waits after a loss.
func (l *ladder) tick(now time.Duration, lossy func(laneKey) bool) ([]laneKey, error) {
	if err := l.keepOn(now); err != nil {
		return nil, err
	}
	if err := l.step(now); err != nil {
		return nil, err
	}
	return l.ask(now, lossy), nil
}
