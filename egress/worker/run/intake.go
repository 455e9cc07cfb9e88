package run

import (
	"time"

	"amphi/worker/room"
)

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
	restarts := f.Format != nil || from.full()
	if restarts {
		if err := l.letGo(from); err != nil {
			return err
		}
	}
	if from.full() {
		from.drop()
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
