package run

import (
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
)

const (
	// Two fills make a part of 230 ms.
	fillEvery = 115 * time.Millisecond
	// Fills come this late, so that the frame that follows is not behind them.
	fillLag = 60 * time.Millisecond
	// A camera in the dark sends 7 frames a second; twice that, and jitter.
	stillAfter = 350 * time.Millisecond
	// A layer that is slower by itself is filled up from the first gap on.
	slowPace       = 120 * time.Millisecond
	stillAfterSlow = fillEvery + fillLag
)

// rung is one rendition: the lane it shows, and how far. Times are of the run.
type rung struct {
	writer   *cmaf.Writer
	variant  int
	repeater h264.Repeater

	lane   *lane
	format *h264.Format
	next   int  // of the lane's group, to be shown
	holds  bool // the lane's key frame, until it is known whether a segment starts there
	taken  int  // segments started
	last   time.Duration
	still  bool // the lane sends nothing at present

	startAt time.Duration // of the newest segment
	// What was shown since the last segment started, for rungs that have nothing
	// of their own; kept by the leading rung only.
	keeps bool
	shown []frame
}

// take starts a segment with the lane's key frame.
func (r *rung) take(l *lane, segment int) error {
	key := l.group[0]
	if r.lane != nil { // not after a pause
		if err := r.reach(key.at); err != nil {
			return err
		}
	}
	r.lane, r.next, r.holds = l, 1, false
	return r.start(key, segment, l.rate())
}

func (r *rung) start(key frame, segment int, rate float64) error {
	if !key.format.Equal(r.format) {
		r.format = key.format
		r.repeater.SetFormat(key.format)
	}
	r.shown, r.taken = nil, segment+1
	err := r.writer.Start(r.variant, segment, cmaf.Picture{
		At: toTicks(key.at), Format: key.format, Payload: key.payload, Rate: rate,
	})
	r.note(key)
	r.startAt = r.last
	return err
}

// advance shows what the lane has.
func (r *rung) advance() error {
	for !r.holds && r.lane != nil && r.next < len(r.lane.group) {
		f := r.lane.group[r.next]
		r.next++
		if err := r.reach(f.at); err != nil {
			return err
		}
		if err := r.push(f); err != nil {
			return err
		}
	}
	return nil
}

func (r *rung) push(f frame) error {
	err := r.writer.Push(r.variant, cmaf.Picture{At: toTicks(f.at), Format: f.format, Payload: f.payload})
	r.note(f)
	return err
}

func (r *rung) note(f frame) {
	at, _ := r.writer.Last(r.variant)
	r.last, r.still = fromTicks(at), false
	if f.unit.Units != nil {
		r.repeater.See(f.unit)
	}
	if r.keeps {
		r.shown = append(r.shown, f)
	}
}

// follow takes over all that another rung shows: a segment from its start.
func (r *rung) follow(other *rung) error {
	for i, f := range other.shown {
		var err error
		if i == 0 {
			err = r.start(f, r.taken, other.lane.rate())
		} else {
			err = r.push(f)
		}
		if err != nil {
			return err
		}
	}
	r.lane, r.next, r.holds = other.lane, other.next, other.holds
	return nil
}

// reach: what was seen until now goes on until shortly before a frame, so that
// no part is long.
func (r *rung) reach(at time.Duration) error {
	if r.taken > 0 && at-r.last > 2*fillEvery {
		return r.fill(at - fillEvery/2)
	}
	return nil
}

// fill shows the last picture again and again until a time.
func (r *rung) fill(until time.Duration) error {
	for until-r.last >= fillEvery {
		repeat := r.repeater.Repeat()
		if repeat == nil {
			return nil
		}
		still := r.still
		if err := r.push(frame{at: r.last + fillEvery, payload: repeat}); err != nil {
			return err
		}
		r.still = still
	}
	return nil
}

// tick fills what is missing; true if nothing comes from the lane.
func (r *rung) tick(now time.Duration) (bool, error) {
	patience := stillAfter
	if r.lane.pace > slowPace {
		patience = stillAfterSlow
	}
	if now-r.last >= patience {
		r.still = true
	}
	if !r.still {
		return false, nil
	}
	return true, r.fill(now - fillLag)
}

// silent is how long nothing has come from the lane.
func (r *rung) silent(now time.Duration) time.Duration { return now - r.lane.last }

func toTicks(d time.Duration) int64 { return d.Microseconds() * 9 / 100 }

func fromTicks(t int64) time.Duration { return time.Duration(t*100/9) * time.Microsecond }
