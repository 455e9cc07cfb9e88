package run

import "time"

const (
	// Key frames of one moment are this close in server time, all layers.
	together = 100 * time.Millisecond
	// A rung that the first one left behind asks for a key frame of its own
	// after this long, and then starts with its last one again. Key frames of a
	// shared page are large and come apart.
	owedAsk = 300 * time.Millisecond
	owedMax = 900 * time.Millisecond
	// A key frame waits no longer to hear whether the first rung cuts there. The
	// highest layer's is the largest and comes last.
	holdMax = 600 * time.Millisecond
)

// trail moves another rung on: it takes the segments that the first one began,
// each at its own next key frame.
func (l *ladder) trail(i int, now time.Duration) error {
	r := l.rungs[i]
	if l.owes(r) {
		if err := l.catchUp(i, now); err != nil {
			return err
		}
	}
	if r.holds {
		key, _ := r.lane.key()
		switch {
		case r.lane.track != l.track:
			r.holds = l.owes(r)
		case !key.format.Equal(r.format):
			l.wantsCut = !l.owes(r)
		case l.passed(key.at) || now-r.lane.keyAt > holdMax:
			r.holds = false
		}
	}
	return r.advance()
}

func (l *ladder) catchUp(i int, now time.Duration) error {
	r := l.rungs[i]
	if own := l.candidate(i, l.track, l.cutAt-together, now); own != nil {
		return r.take(own, r.taken)
	}
	best := l.best(i, l.track, now)
	key, keyed := best.key()
	shown := keyed && best == r.lane && key.at > l.cutAt-owedMax
	if shown && now-l.cutSeen > together || now-l.cutSeen > owedMax || now-r.startAt > segmentMax {
		return l.force(i, now)
	}
	return nil
}

// passed: the first rung's lane has gone past a time, and did not cut there.
func (l *ladder) passed(at time.Duration) bool {
	group := l.leader().lane.group
	return len(group) > 0 && group[len(group)-1].at > at+together
}

// force starts the owed segment with what there is: the rung's last key frame
// and what came since, or what the first rung shows.
func (l *ladder) force(i int, now time.Duration) error {
	r := l.rungs[i]
	own := l.best(i, l.track, now)
	if _, keyed := own.key(); keyed {
		return r.take(own, r.taken)
	}
	return r.follow(l.leader())
}

// candidate is the lane at which a rung can start a segment: its key frame is
// of that time or later, and was not shown yet.
func (l *ladder) candidate(i int, track string, since, now time.Duration) *lane {
	r := l.rungs[i]
	best := l.best(i, track, now)
	key, found := best.key()
	if !found || key.at < since || best == r.lane && r.next > 0 {
		return nil
	}
	return best
}
