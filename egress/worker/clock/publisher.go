package clock

import (
	"sync"
	"time"
)

const (
	// Fast enough to close 60 ms in three seconds, slow enough that neither
	// picture nor pitch shows it.
	slewPerSecond = 20 * time.Millisecond
	// A larger gap is closed in five seconds, visibly if need be: a device
	// whose clock is off by percents must not be late for ever.
	slewShare = 5
	// Beyond this it is another timeline (a new capture, a suspended laptop),
	// not drift: step.
	stepBeyond = 500 * time.Millisecond
	// Sender reports of one clock agree to milliseconds; half a second apart
	// means that the publisher's wall clock was set.
	reportJump = 500 * time.Millisecond
)

// Publisher maps the clock of one publisher, wrong by an unknown amount, to
// server time: the smallest seen (arrival - NTP) over all its tracks. Because
// the amount is common to its tracks, sound and picture stay together.
type Publisher struct {
	mu     sync.Mutex
	delays minWindow
	epoch  int
}

func NewPublisher() *Publisher { return &Publisher{} }

// Track maps the RTP timestamps of one track of the publisher.
func (p *Publisher) Track(rateHz int) *Track {
	return &Track{publisher: p, rate: int64(rateHz)}
}

type Track struct {
	publisher *Publisher
	rate      int64
	unwrap    Unwrap

	arrivals minWindow // arrival - media time, until the first report

	reported bool
	epoch    int
	ntp      time.Duration // NTP of media time zero, since the Unix epoch

	placed    bool
	offset    time.Duration // server time of media time zero
	lastMedia time.Duration
}

func (t *Track) media(extended int64) time.Duration {
	whole, rest := extended/t.rate, extended%t.rate
	return time.Duration(whole)*time.Second + time.Duration(rest)*time.Second/time.Duration(t.rate)
}

// Report takes in a sender report: at `ntp` of the publisher's own clock the
// RTP timestamp was `ts`.
func (t *Track) Report(ntp time.Time, ts uint32) {
	p := t.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	zero := time.Duration(ntp.UnixNano()) - t.media(t.unwrap.Near(ts))
	if t.reported && t.epoch == p.epoch && absolute(zero-t.ntp) > reportJump {
		p.delays.reset()
		p.epoch++
	}
	t.reported, t.ntp, t.epoch = true, zero, p.epoch
}

// At gives the server time of a packet that arrived at `arrival` (server
// time). Packets are given in order of delivery; the result is slewed.
func (t *Track) At(ts uint32, arrival time.Time) time.Time {
	p := t.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	media := t.media(t.unwrap.Extend(ts))
	t.arrivals.add(time.Duration(arrival.UnixNano())-media, arrival)
	target, _ := t.arrivals.min(arrival)
	// A report from before the publisher's clock was set says nothing of the
	// new one: arrival time serves until this track has its own.
	if t.reported && t.epoch == p.epoch {
		p.delays.add(time.Duration(arrival.UnixNano())-(t.ntp+media), arrival)
		if delay, ok := p.delays.min(arrival); ok {
			target = t.ntp + delay
		}
	}
	t.slew(target, media)
	return time.Unix(0, int64(t.offset+media))
}

func (t *Track) slew(target, media time.Duration) {
	gap := target - t.offset
	if !t.placed || absolute(gap) > stepBeyond {
		t.placed, t.offset, t.lastMedia = true, target, media
		return
	}
	elapsed := max(0, min(media-t.lastMedia, time.Second))
	t.lastMedia = max(t.lastMedia, media)
	pace := max(slewPerSecond, absolute(gap)/slewShare)
	limit := time.Duration(int64(pace) * int64(elapsed) / int64(time.Second))
	t.offset += max(-limit, min(gap, limit))
}

func absolute(d time.Duration) time.Duration {
	if d < 0 {
		return -d
	}
	return d
}
