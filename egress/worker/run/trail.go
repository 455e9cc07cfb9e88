package run

import "time"

const (
	// Key frames of one moment are this close in server time, all layers.
	together = 100 * time.Millisecond
	// A rung that the first one left behind asks for a key frame of its own
	// after this long, takes an older one of its own, and then what the first
	// one shows.
	owedAsk = 150 * time.Millisecond
	owedOld = 1500 * time.Millisecond
	owedMax = 800 * time.Millisecond
	// A key frame waits no longer to hear whether the first rung cuts there.
	holdMax = 300 * time.Millisecond
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
		case l.leader().last > key.at+together || now-r.lane.keyAt > holdMax:
			r.holds = false
		}
	}
	return r.advance()
}

func (l *ladder) catchUp(i int, now time.Duration) error {
	r := l.rungs[i]
	since := l.cutAt - together
	if now-l.cutSeen > owedAsk {
		since = l.cutAt - owedOld
	}
	if own := l.candidate(i, l.track, since, now); own != nil {
		return r.take(own, r.taken)
	}
	if now-l.cutSeen > owedMax {
		return r.follow(l.leader())
	}
	return nil
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
