package run

import (
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/room"
)

const (
	// The first track may need this long until its best layers are there: layers
	// climb in 1-2 s, and an early change of format was fatal to a player.
	settleStart = 4 * time.Second
	settleLater = 2 * time.Second
	// Rounding of layers' sizes and cropping leave this much of what was
	// announced.
	settledShare = 0.8
	// An empty room is shown as a slate this soon after the worker has joined.
	firstLook = 500 * time.Millisecond

	// A key frame earlier than this does not start a segment; one is asked for
	// at 1.9 s, so this takes in those that others asked for.
	segmentMin = 1200 * time.Millisecond
	// A change of format cannot wait, but shorter segments help nobody.
	cutMin = 500 * time.Millisecond
	// The slate has key frames only: it is cut where the others are.
	slateSegment = 2 * time.Second
	// A segment this old will not get its key frame in time: the last one is
	// shown again, and what came since. 3.4 s is rounded down to a target
	// duration of 3.
	segmentMax = 3300 * time.Millisecond
	// Not more often is the main picture another one.
	pictureMin = 2 * time.Second
	// A track that is not chosen any more is held this long for the next one's
	// first key frame.
	goneMax = 1500 * time.Millisecond
	// Without repeats, nothing can be shown for as long as nothing comes.
	frozenMax = 1500 * time.Millisecond
	// A still page answers when it is asked for a key frame: who sends nothing for
	// this long has gone.
	silentMax = 8 * time.Second
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
		writer: writer, slate: slate, blank: &lane{laneKey: laneKey{stream: -1}},
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

// frame takes in a frame of a track as one stream has it.
func (l *ladder) frame(key laneKey, f room.Frame, at, now time.Duration) error {
	from := l.lanes[key]
	if from == nil {
		if f.Format == nil {
			return nil
		}
		l.forget(now)
		from = &lane{laneKey: key}
		l.lanes[key] = from
	}
	if err := l.take(from, f, min(at, now), now); err != nil {
		return err
	}
	return l.step(now)
}

func (l *ladder) take(from *lane, f room.Frame, at, now time.Duration) error {
	restarts := f.Format != nil || len(from.group) >= groupMax
	if restarts {
		if err := l.letGo(from); err != nil {
			return err
		}
	}
	if len(from.group) >= groupMax {
		from.group = nil
	}
	from.add(f, at, now)
	for _, r := range l.all() {
		if r.lane == from && restarts {
			r.next, r.holds = 0, f.Format != nil
		}
	}
	return nil
}

// letGo: a lane's frames are about to be forgotten. What can still be shown of
// them is.
func (l *ladder) letGo(from *lane) error {
	for _, r := range l.all() {
		if r.lane != from {
			continue
		}
		key, keyed := from.key()
		if r.holds && (!keyed || key.format.Equal(r.format)) {
			r.holds = false
		}
		if err := r.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (l *ladder) all() []*rung { return append(l.rungs[:len(l.rungs):len(l.rungs)], &l.aside.rung) }

func (l *ladder) forget(now time.Duration) {
	for key, lane := range l.lanes {
		used := false
		for _, r := range l.all() {
			used = used || r.lane == lane
		}
		if !used && now-lane.last > flowForget {
			delete(l.lanes, key)
			delete(l.known, key.track)
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

// change is the lane that the first rung has to change to now, if any.
func (l *ladder) change(now time.Duration) *lane {
	main := l.choice.Main
	if main == nil {
		return nil
	}
	r := l.leader()
	if main.TrackID == l.track && l.started() {
		if best := l.best(0, l.track, now); best != r.lane && best.fresh(now) && now-l.cutAt >= cutMin {
			return best
		}
		return nil
	}
	if !l.ready(now) || l.started() && now-l.cutAt < cutMin {
		return nil
	}
	gone := l.track == "" || r.still && r.silent(now) > stillAfter
	if !gone && now-l.shownAt < pictureMin {
		return nil
	}
	return l.best(0, main.TrackID, now)
}

// ready: the chosen track has what it will have, or was waited for long enough.
func (l *ladder) ready(now time.Duration) bool {
	track := l.choice.Main.TrackID
	complete, since := true, now
	for stream := range room.Streams {
		lane := l.lanes[laneKey{stream, track}]
		complete = complete && lane.fresh(now) && l.settled(lane, now)
		if lane.flows(now) {
			since = min(since, lane.since)
		}
	}
	if complete {
		return true
	}
	return now-since >= l.patience() && l.best(0, track, now).fresh(now)
}

// settled: the lane has the size that was announced, or did not get it in time.
func (l *ladder) settled(lane *lane, now time.Duration) bool {
	key, found := lane.key()
	if !found {
		return false
	}
	if now-lane.since >= l.patience() {
		return true
	}
	main := l.choice.Main
	if main == nil || main.TrackID != lane.track {
		return false
	}
	return float64(key.format.Width*key.format.Height) >= settledShare*float64(main.Pixels[lane.stream])
}

func (l *ladder) patience() time.Duration {
	if l.started() {
		return settleLater
	}
	return settleStart
}

// best is the lane of a track that a rung should show: its own, else the next
// lower that there is, else the next higher. Nil: there is none.
func (l *ladder) best(rung int, track string, now time.Duration) *lane {
	if track == "" {
		return l.blank
	}
	newest := time.Duration(0)
	for stream := range room.Streams {
		if lane := l.lanes[laneKey{stream, track}]; lane != nil {
			newest = max(newest, lane.last)
		}
	}
	present := l.rungs[rung].lane
	for _, stream := range nearest[rung] {
		lane := l.lanes[laneKey{stream, track}]
		if _, keyed := lane.key(); !keyed || newest-lane.last > goneAfter {
			continue
		}
		// A layer that comes back proves itself first.
		if lane == present || present == nil || present.track != track || l.settled(lane, now) {
			return lane
		}
	}
	if present != nil && present.track == track {
		return present
	}
	return nil
}

// nearest streams of a rung, best first. Stream 0 has the highest layer.
var nearest = [room.Streams][]int{{0, 1, 2}, {1, 2, 0}, {2, 1, 0}}

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

func (l *ladder) keepOn(now time.Duration) error {
	leader := l.leader()
	switch {
	case !l.started():
		if l.began < 0 || now-l.began < firstLook || l.choice.Main != nil && now-l.began < settleStart {
			return nil
		}
		return l.goBlank(now-fillLag, now)
	case l.track == "":
		if err := l.blankUntil(now-fillLag, now); err != nil {
			return err
		}
		return l.fillRest(now)
	}
	still, err := leader.tick(now)
	if err != nil {
		return err
	}
	if still && l.over(now) {
		return l.goBlank(leader.last+fillEvery, now)
	}
	if now-l.cutAt > segmentMax {
		return l.again(now)
	}
	return l.fillRest(now)
}

func (l *ladder) fillRest(now time.Duration) error {
	for _, r := range l.all()[1:] {
		if r.lane == nil || r.lane == l.blank && l.track == "" {
			continue
		}
		if _, err := r.tick(now); err != nil {
			return err
		}
	}
	return nil
}

// over: the track shown has to give way to the slate.
func (l *ladder) over(now time.Duration) bool {
	r, main := l.leader(), l.choice.Main
	silent := r.silent(now)
	switch {
	case main == nil:
		return true
	case main.TrackID != l.track && silent > goneMax, silent > silentMax:
		return true
	default:
		return r.repeater.Repeat() == nil && silent > frozenMax
	}
}

// again starts a segment with the last key frame, although it was shown.
func (l *ladder) again(now time.Duration) error {
	leader := l.leader()
	if _, keyed := leader.lane.key(); !keyed {
		return l.goBlank(leader.last+fillEvery, now)
	}
	return l.cut(leader.lane, now)
}

func (l *ladder) goBlank(at, now time.Duration) error {
	if err := l.blankAt(at, now); err != nil {
		return err
	}
	return l.cut(l.blank, now)
}

func (l *ladder) blankAt(at, now time.Duration) error {
	unit, err := h264.SplitAVCC(l.slate.Sample())
	if err != nil {
		return err
	}
	return l.take(l.blank, room.Frame{Unit: unit, Format: l.slate.Format}, at, now)
}

func (l *ladder) blankUntil(until, now time.Duration) error {
	for last := l.leader().last; until-last >= fillEvery; last += fillEvery {
		if err := l.blankAt(last+fillEvery, now); err != nil {
			return err
		}
		if err := l.step(now); err != nil {
			return err
		}
	}
	return nil
}
