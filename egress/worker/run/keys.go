package run

import (
	"time"

	"amphi/worker/room"

	"github.com/livekit/protocol/livekit"
)

const (
	keyEvery = 1900 * time.Millisecond // plus the way there and back: 2 s
	// Key frames of a page full of text are most of its bits: fewer of them, but
	// no segment longer than 3 s.
	keyEveryScreen = 2200 * time.Millisecond
	keyAgain       = 500 * time.Millisecond
	// A layer of which nothing can be shown yet: LiveKit drops what it is asked
	// too soon, so the first request that it takes is to come soon after it would.
	keyFirst = 200 * time.Millisecond
	// LiveKit asks a publisher no more often than this.
	keyAnswer = time.Second
	// A new layer begins with a key frame of its own; this is for one that
	// never comes.
	keyClimbing = time.Second
)

// keys remembers when lanes were asked for a key frame.
type keys map[laneKey]time.Duration

func (k keys) ago(key laneKey, now time.Duration) time.Duration {
	if at, found := k[key]; found {
		return now - at
	}
	return time.Hour
}

// ask gives the lanes that should send a key frame now. One layer is asked: a
// publisher answers in all of them at once.
func (l *ladder) ask(now time.Duration, lossy func(laneKey) bool) []laneKey {
	due := map[laneKey]bool{}
	if l.started() && l.track != "" {
		l.askLeader(now, due)
		l.askOthers(now, due)
	}
	if main := l.choice.Main; main != nil && main.TrackID != l.track {
		l.askNext(main.TrackID, now, due)
	}
	l.askAside(now, due)
	for _, r := range l.all() {
		if r.lane != nil && r.lane != l.blank && lossy(r.lane.laneKey) {
			due[r.lane.laneKey] = true
		}
	}
	var asked []laneKey
	for key := range due {
		patience := keyAgain
		if _, keyed := l.lanes[key].key(); !keyed {
			patience = keyFirst
		}
		if l.keys.ago(key, now) >= patience {
			l.keys[key] = now
			asked = append(asked, key)
		}
	}
	for key := range l.keys {
		if l.keys.ago(key, now) > flowForget {
			delete(l.keys, key)
		}
	}
	return asked
}

func (l *ladder) askLeader(now time.Duration, due map[laneKey]bool) {
	best := l.best(0, l.track, now)
	if best != l.leader().lane || l.wantsCut || now-l.cutAt >= l.keyEvery() && l.keys.ago(best.laneKey, now) >= keyAnswer {
		due[best.laneKey] = true
	}
}

func (l *ladder) keyEvery() time.Duration {
	if l.known[l.track].Source == livekit.TrackSource_SCREEN_SHARE {
		return keyEveryScreen
	}
	return keyEvery
}

// askOthers: a rung that got no key frame with the first one.
func (l *ladder) askOthers(now time.Duration, due map[laneKey]bool) {
	for i, r := range l.rungs[1:] {
		if best := l.best(i+1, l.track, now); best != nil && l.owes(r) && now-l.cutSeen >= owedAsk {
			due[best.laneKey] = true
		}
	}
}

// askNext: the chosen track is not shown yet.
func (l *ladder) askNext(track string, now time.Duration, due map[laneKey]bool) {
	for stream := range room.Streams {
		key := laneKey{stream, track}
		lane := l.lanes[key]
		climbs := lane.flows(now) && now-lane.since < l.patience()
		_, keyed := lane.key()
		if (stream == 0 || !keyed) && (!climbs || l.keys.ago(key, now) >= keyClimbing) {
			due[key] = true
		}
	}
}

// askAside: the second picture is asked together with the first.
func (l *ladder) askAside(now time.Duration, due map[laneKey]bool) {
	wanted := l.choice.Aside
	if wanted == nil || !l.started() || wanted.TrackID == l.track {
		return
	}
	key := laneKey{asideStream, wanted.TrackID}
	late := now-l.cutSeen >= owedAsk && l.aside.taken < l.writer.Segments() && now-l.cutSeen < asideLate
	if len(due) > 0 || now-l.cutAt >= l.keyEvery() || late {
		due[key] = true
	}
}
