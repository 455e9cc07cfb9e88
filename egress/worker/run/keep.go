package run

import (
	"time"

	"amphi/worker/h264"
	"amphi/worker/room"
)

const (
	// An empty room is shown as a slate this soon after the worker has joined.
	firstLook = 500 * time.Millisecond
	// A segment this old will not get its key frame in time: the last one is
	// shown again, and what came since. Up to 3.5 s is rounded down to a target
	// duration of 3, and other rungs may be a little longer.
	segmentMax = 3200 * time.Millisecond
	// A track that is not chosen any more is held this long for the next one's
	// first key frame.
	goneMax = 1500 * time.Millisecond
	// Without repeats, nothing can be shown for as long as nothing comes.
	frozenMax = 1500 * time.Millisecond
	// A still page answers when it is asked for a key frame: who sends nothing for
	// this long has gone.
	silentMax = 8 * time.Second
)

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
		if next := l.instead(now); next != nil {
			return l.cut(next, now)
		}
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

// instead is a lane of the chosen track that sends no key frame when asked: what
// it sent since its last one is better than the slate.
func (l *ladder) instead(now time.Duration) *lane {
	main := l.choice.Main
	if main == nil || main.TrackID == l.track {
		return nil
	}
	next := l.best(0, main.TrackID, now)
	if _, keyed := next.key(); !keyed || now-next.last > stillAfter {
		return nil
	}
	return next
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
