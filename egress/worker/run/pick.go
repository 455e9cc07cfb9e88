package run

import (
	"time"

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
	// Not more often is the main picture another one.
	pictureMin = 2 * time.Second
)

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
