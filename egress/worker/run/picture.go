package run

import (
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/room"
)

const (
	// The first track may need this long until its best layer is there: layers
	// climb in 1-2 s, and an early change of format was fatal to a player.
	settleStart = 4 * time.Second
	settleLater = 2 * time.Second
	// Rounding of layers' sizes and cropping leave this much of what was
	// announced.
	settledShare = 0.8
	// After a silence layers climb anew; a still screen share sends one frame a
	// second.
	flowGap    = 2500 * time.Millisecond
	flowForget = time.Minute
	// An empty room is shown as a slate this soon after the worker has joined.
	firstLook = 500 * time.Millisecond

	// Two fills make a part of 230 ms.
	fillEvery = 115 * time.Millisecond
	// Fills come this late, so that the frame that follows is not behind them.
	fillLag = 60 * time.Millisecond
	// A camera in the dark sends 7 frames a second; twice that, and jitter.
	stillAfter = 350 * time.Millisecond
	// A track that is not chosen any more is held this long for the next one's
	// first key frame.
	goneMax = 1500 * time.Millisecond
	// A segment this old will not get its key frame: the slate starts one.
	// 3.4 s is rounded down to a target duration of 3.
	segmentMax = 3300 * time.Millisecond
	// Without repeats, nothing can be shown for as long as nothing comes.
	frozenMax = 1500 * time.Millisecond

	keyEvery = 1900 * time.Millisecond // plus the way there and back: 2 s
	keyAgain = 500 * time.Millisecond
	// A new layer begins with a key frame of its own; this is for one that
	// never comes.
	keyClimbing = time.Second
)

// picture decides what is seen: the chosen track, its last picture again, or
// the slate. It makes sure that there is a picture at all times, and asks for
// key frames. It belongs to the run's goroutine; times are of the run.
type picture struct {
	writer   *cmaf.Writer
	slate    *h264.Slate
	repeater h264.Repeater
	format   *h264.Format

	began  time.Duration // when the room was first seen, negative before
	wanted room.Publication
	wants  bool

	shown   string // track id; empty: the slate, or nothing yet
	still   bool   // the track shown sends nothing at present
	heard   time.Duration
	flows   map[string]flow // by track id, shown or not
	askedAt time.Duration
}

// flow is how long frames of a track have been coming.
type flow struct{ since, last time.Duration }

func newPicture(writer *cmaf.Writer, slate *h264.Slate) *picture {
	return &picture{writer: writer, slate: slate, began: -1, flows: map[string]flow{}}
}

func (p *picture) choose(wanted room.Publication, wants bool, now time.Duration) {
	if p.began < 0 {
		p.began = now
	}
	p.wanted, p.wants = wanted, wants
}

// frame takes in a frame of a track.
func (p *picture) frame(track string, f room.Frame, at, now time.Duration) error {
	p.flowing(track, now)
	if track != p.shown {
		if !p.wants || track != p.wanted.TrackID || f.Format == nil || !p.settle(track, f.Format, now) {
			return nil
		}
	}
	at = min(at, now)
	// What was seen until now goes on until this frame, so that no part is long.
	if last, started := p.last(); started && at-last > 2*fillEvery {
		if err := p.fill(at - fillEvery/2); err != nil {
			return err
		}
	}
	p.shown, p.still, p.heard = track, false, now
	if f.Format != nil && !f.Format.Equal(p.format) {
		p.format = f.Format
		p.repeater.SetFormat(f.Format)
	}
	p.repeater.See(f.Unit)
	return p.push(at, f.Format, f.Unit.Sample())
}

func (p *picture) flowing(track string, now time.Duration) {
	f, known := p.flows[track]
	if !known || now-f.last > flowGap {
		f.since = now
		for other, o := range p.flows {
			if now-o.last > flowForget {
				delete(p.flows, other)
			}
		}
	}
	f.last = now
	p.flows[track] = f
}

// settle: the track's best layer is there, or was waited for long enough.
func (p *picture) settle(track string, format *h264.Format, now time.Duration) bool {
	best := float64(format.Width*format.Height) >= settledShare*float64(p.wanted.Pixels)
	return best || now-p.flows[track].since >= p.patience()
}

func (p *picture) patience() time.Duration {
	if _, started := p.writer.Last(); started {
		return settleLater
	}
	return settleStart
}

// tick fills what is missing and says which track should send a key frame.
// lossy says that a track waits for one after a loss.
func (p *picture) tick(now time.Duration, lossy func(track string) bool) (askKey string, err error) {
	last, started := p.last()
	switch {
	case !started:
		if p.began < 0 || now-p.began < firstLook || p.wants && now-p.began < settleStart {
			break
		}
		err = p.push(now-fillLag, p.slate.Format, p.slate.Sample())
	case p.shown == "" || p.still:
		err = p.gap(last, now)
	case now-last >= stillAfter:
		p.still = true
		err = p.gap(last, now)
	}
	return p.ask(now, lossy), err
}

// gap: nothing comes from the track shown, or there is none.
func (p *picture) gap(last, now time.Duration) error {
	if p.shown != "" && p.over(last, now) {
		p.shown, p.format = "", nil
	}
	return p.fill(now - fillLag)
}

// over: the track shown has to give way to the slate.
func (p *picture) over(last, now time.Duration) bool {
	silent := now - p.heard
	switch {
	case !p.wants:
		return true
	case p.wanted.TrackID != p.shown && silent > goneMax:
		return true
	case last+fillEvery-p.segmentAt() > segmentMax:
		return true
	default:
		return p.repeater.Repeat() == nil && silent > frozenMax
	}
}

// fill shows what is shown again and again until a time.
func (p *picture) fill(until time.Duration) error {
	last, started := p.last()
	for started && until-last >= fillEvery {
		last += fillEvery
		var err error
		if p.shown == "" {
			err = p.push(last, p.slate.Format, p.slate.Sample())
		} else if repeat := p.repeater.Repeat(); repeat != nil {
			err = p.push(last, nil, repeat)
		} else {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ask: the track that should send a key frame now, if any.
func (p *picture) ask(now time.Duration, lossy func(string) bool) string {
	track := p.wanted.TrackID
	if !p.wants || now-p.askedAt < keyAgain {
		return ""
	}
	due := lossy(track)
	switch {
	case p.shown == track:
		due = due || now-p.segmentAt() >= keyEvery
	default:
		f, known := p.flows[track]
		climbs := known && now-f.last < flowGap && now-f.since < p.patience()
		due = due || !climbs || now-p.askedAt >= keyClimbing
	}
	if !due {
		return ""
	}
	p.askedAt = now
	return track
}

func (p *picture) push(at time.Duration, format *h264.Format, sample []byte) error {
	return p.writer.Push(cmaf.Picture{At: toTicks(at), Format: format, Payload: sample})
}

func (p *picture) last() (time.Duration, bool) {
	at, started := p.writer.Last()
	return fromTicks(at), started
}

func (p *picture) segmentAt() time.Duration { return fromTicks(p.writer.SegmentAt()) }

func toTicks(d time.Duration) int64 { return d.Microseconds() * 9 / 100 }

func fromTicks(t int64) time.Duration { return time.Duration(t*100/9) * time.Microsecond }
