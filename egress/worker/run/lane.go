package run

import (
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/room"
)

const (
	// After a silence layers climb anew; a still screen share sends one frame a
	// second.
	flowGap    = 2500 * time.Millisecond
	flowForget = time.Minute
	// A layer that is silent for this long while another of its track is not has
	// gone; the lowest rung of a share sends three frames a second.
	goneAfter = time.Second
	// A key frame this old is not worth cutting to: a new one is asked for.
	freshMax = 400 * time.Millisecond
	// Ten seconds of 30 frames without a key frame: nobody will start there.
	groupMax = 300
	// As much of one layer as is kept: 50 Mbit/s for five seconds.
	groupBytes = 32 << 20
	// The mean of about this many intervals tells a slow layer.
	paceSpan = 8
	rateSpan = time.Second
)

type laneKey struct {
	stream int
	track  string
}

// lane is one layer of one track: its frames since the last key frame.
type lane struct {
	laneKey
	group []frame
	size  int           // of the group, bytes
	since time.Duration // frames have been coming without a silence
	last  time.Duration
	pace  time.Duration // mean interval between frames
	keyAt time.Duration // when the key frame arrived

	rateFrom time.Duration // time of a frame
	count    int           // of frames after it
	most     float64       // frames a second, in any such span
}

type frame struct {
	at      time.Duration
	unit    h264.AccessUnit
	format  *h264.Format // with key frames
	payload []byte
}

func (l *lane) add(f room.Frame, at, now time.Duration) {
	gap := now - l.last
	switch {
	case len(l.group) == 0 && l.since == 0 || gap > flowGap:
		l.since, l.pace, l.rateFrom, l.count = now, 0, at, 0
	case l.pace == 0:
		l.pace = gap
	default:
		l.pace += (gap - l.pace) / paceSpan
	}
	l.last = now
	if at > l.rateFrom {
		l.count++
	}
	if span := at - l.rateFrom; span >= rateSpan {
		l.most = max(l.most, float64(l.count)/span.Seconds())
		l.rateFrom, l.count = at, 0
	}
	if f.Format != nil {
		l.drop()
		l.keyAt = now
	}
	next := frame{at: at, unit: f.Unit, format: f.Format, payload: f.Unit.Sample()}
	l.group, l.size = append(l.group, next), l.size+len(next.payload)
}

func (l *lane) drop() { l.group, l.size = nil, 0 }

// full: so much without a key frame that nobody will start with the last one.
func (l *lane) full() bool { return len(l.group) >= groupMax || l.size >= groupBytes }

// key is the frame at which a rung can begin, if the lane has one.
func (l *lane) key() (frame, bool) {
	if l == nil || len(l.group) == 0 || l.group[0].format == nil {
		return frame{}, false
	}
	return l.group[0], true
}

func (l *lane) fresh(now time.Duration) bool {
	_, found := l.key()
	return found && now-l.keyAt <= freshMax
}

func (l *lane) flows(now time.Duration) bool { return l != nil && now-l.last < flowGap }

// rate is what the publisher is set to, for the init segment, by the most frames
// that a second had. Zero: there was no whole second yet.
func (l *lane) rate() float64 {
	if l.stream == slateStream {
		return slateRate
	}
	return cmaf.ToRate(l.most)
}
