package clock

import "time"

const (
	// Fast enough to close 60 ms in three seconds, slow enough that neither
	// picture nor pitch shows it.
	slewPerSecond = 20 * time.Millisecond
	// Of a larger gap half is closed every second, visibly if need be: lips
	// that are 80 ms off show more.
	slewShare = 2
	// Beyond this it is another timeline (a new capture, a suspended laptop),
	// not drift: step.
	stepBeyond = 500 * time.Millisecond
	// After a silence nobody sees or hears a step.
	silence = time.Second

	// Reports of one clock agree to milliseconds, over a minute without any
	// to 12 ms (200 ppm): beyond this the publisher's clock was set, or the
	// track's was, or the report is wrong.
	reportsAgree = 20 * time.Millisecond
	// Publishers report every five seconds at least.
	doubtFor = 7 * time.Second
	// After a jump the smallest delay is that of few packets.
	excessDrift = 300 * time.Millisecond
	// A sound card may be 200 ppm off its computer's clock: an older report
	// would tell more than 12 ms wrong.
	reportValid = time.Minute
	// Encoding and pacing hold a track back by less than this against the
	// quickest one of its publisher: more, and one of the reports lies.
	excessMax = 2 * time.Second
	// Packets come in order of capture, and later than captured: one that is
	// so much ahead of the one before it belongs to another timeline.
	mediaJump = 300 * time.Millisecond
)

// Track maps RTP timestamps of one SSRC to server time. The base is arrival
// time (its smallest delay), always there, whatever reports say. Reports tell
// the excess: how much later this track arrives than it was captured, compared
// with the quickest of its publisher. The excess is kept when reports fail.
type Track struct {
	publisher *Publisher
	rate      int64
	unwrap    Unwrap

	arrivals minWindow // arrival - media time
	excess   time.Duration
	measured bool // by a report, ever

	reported   bool
	epoch      int
	ntp        time.Duration // publisher's time of media time zero
	reportedAt time.Duration // media time
	doubted    time.Duration // what ntp would be by reports that are not believed yet
	doubtedAt  time.Time     // since when

	placed      bool
	offset      time.Duration // server time of media time zero, as given out
	lastMedia   time.Duration
	lastArrival time.Duration
}

// Report takes in a sender report that arrived at `arrival` (server time): at
// `ntp` of the publisher's own clock the RTP timestamp was `ts`. LiveKit
// brings reports up to date before it passes them on, so that arrival - ntp is
// the publisher's offset and the delay of the network.
func (t *Track) Report(ntp time.Time, ts uint32, arrival time.Time) {
	p := t.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	media := t.media(t.unwrap.Near(ts))
	there := time.Duration(ntp.UnixNano())
	zero := there - media
	current := t.reported && t.epoch == p.epoch
	if current && media <= t.reportedAt {
		return // twice, or overtaken
	}
	if t.contradicts(zero, current, arrival) {
		if !t.persists(zero, arrival) {
			return
		}
		// What was learned from reports before says nothing of the new clock;
		// this track's place does not change by it.
		p.offsets.reset()
		p.epoch++
		if low, ok := t.arrivals.min(arrival); ok {
			p.offsets.add(low-t.excess-zero, arrival)
		}
	}
	t.reported, t.epoch, t.ntp, t.reportedAt, t.doubted = true, p.epoch, zero, media, 0
	p.offsets.add(time.Duration(arrival.UnixNano())-there, arrival)
}

// contradicts says that a report cannot be true if what was known before is.
func (t *Track) contradicts(zero time.Duration, current bool, arrival time.Time) bool {
	if current {
		return absolute(zero-t.ntp) > reportsAgree
	}
	low, placed := t.arrivals.min(arrival)
	offset, known := t.publisher.offsets.min(arrival)
	return t.measured && placed && known && absolute(low-zero-offset-t.excess) > excessDrift
}

// persists says that reports have contradicted what was known for a while, and
// agree with each other. LiveKit goes on for some seconds to bring reports up
// to date that were made before a clock was set.
func (t *Track) persists(zero time.Duration, arrival time.Time) bool {
	if t.doubted == 0 || absolute(zero-t.doubted) > reportsAgree {
		t.doubted, t.doubtedAt = zero, arrival
	}
	return arrival.Sub(t.doubtedAt) >= doubtFor
}

// At gives the server time of a packet that arrived at `arrival` (server
// time). Packets are given in order of delivery; the result is slewed.
func (t *Track) At(ts uint32, arrival time.Time) time.Time {
	p := t.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	media, now := t.media(t.unwrap.Extend(ts)), time.Duration(arrival.UnixNano())
	if on := media - t.lastMedia; t.placed && (on < -mediaJump || on-(now-t.lastArrival) > mediaJump) {
		t.arrivals.reset()
		t.reported, t.placed = false, false
	}
	t.arrivals.add(now-media, arrival)
	low, _ := t.arrivals.min(arrival)
	if t.reported && t.epoch == p.epoch && media-t.reportedAt < reportValid {
		p.offsets.add(now-t.ntp-media, arrival)
		offset, _ := p.offsets.min(arrival)
		if excess := low - t.ntp - offset; absolute(excess) < excessMax {
			t.excess, t.measured = excess, true
		}
	}
	t.slew(low-t.excess, media)
	t.lastMedia, t.lastArrival = media, now
	return time.Unix(0, int64(t.offset+media))
}

func (t *Track) slew(target, media time.Duration) {
	gap := target - t.offset
	elapsed := max(0, media-t.lastMedia)
	if !t.placed || absolute(gap) > stepBeyond || elapsed > silence {
		t.placed, t.offset = true, target
		return
	}
	pace := max(slewPerSecond, absolute(gap)/slewShare)
	limit := time.Duration(int64(pace) * int64(elapsed) / int64(time.Second))
	t.offset += max(-limit, min(gap, limit))
}

func (t *Track) media(extended int64) time.Duration {
	whole, rest := extended/t.rate, extended%t.rate
	return time.Duration(whole)*time.Second + time.Duration(rest)*time.Second/time.Duration(t.rate)
}
