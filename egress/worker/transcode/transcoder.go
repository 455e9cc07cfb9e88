package transcode

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"amphi/worker/h264"

	"github.com/pion/rtp"
)

const (
	clockHz = 90_000
	// A child that dies at once is not started again and again.
	startAgain = time.Second
	// B-frames go back by some pictures; a track that wraps (after 13 hours) or
	// begins anew goes back by more, and needs another child.
	reorderMs = 1000
)

// Picture is an H.264 picture, and when its original was sent and arrived.
type Picture struct {
	Unit      h264.AccessUnit
	Format    *h264.Format // with key frames
	Timestamp uint32
	Arrival   time.Time
}

// Transcoder makes H.264 of one track. Push and Close belong to one goroutine;
// pictures are given from another, one at a time.
type Transcoder struct {
	log     *slog.Logger
	give    func(Picture)
	gather  *gather
	child   *child
	started time.Time
	zero    uint32 // timestamp of the child's time zero
	last    int64  // ms of the newest picture sent
	waiting bool
}

// New gives pictures of a type that Takes knows.
func New(mimeType string, log *slog.Logger, give func(Picture)) (*Transcoder, error) {
	c, ok := known[strings.ToLower(mimeType)]
	if !ok {
		return nil, fmt.Errorf("transcode: %s", mimeType)
	}
	return &Transcoder{log: log, give: give, gather: newGather(c), waiting: true}, nil
}

// Waiting says that a key frame should be asked for.
func (t *Transcoder) Waiting() bool { return t.waiting || t.gather.waiting }

// Push takes in packets in order; lost says that some before it never came.
func (t *Transcoder) Push(p *rtp.Packet, arrival time.Time, lost bool) {
	picture := t.gather.push(p, arrival, lost)
	if picture == nil {
		return
	}
	now := time.Now()
	if picture.key && !t.begin(picture, now) || t.child == nil || t.waiting {
		return
	}
	ms := int64(picture.timestamp-t.zero) * 1000 / clockHz
	if back := t.last-ms > reorderMs; back || !t.child.send(picture, ms, now) {
		t.log.Warn("transcoder replaced", "size", fmt.Sprintf("%dx%d", t.child.width, t.child.height), "back", back)
		t.child.cancel()
		t.stop()
		return
	}
	t.last = max(t.last, ms)
}

// begin sees to it that there is a child for the size of a key frame.
func (t *Transcoder) begin(p *picture, now time.Time) bool {
	if k := t.child; k != nil && (k.width != p.width || k.height != p.height || k.dead.Load()) {
		t.stop()
	}
	if t.child != nil {
		t.waiting = false
		return true
	}
	if !t.started.IsZero() && now.Sub(t.started) < startAgain {
		return false
	}
	child, err := startChild(t.gather.codec, p.width, p.height, t.answer)
	if err != nil {
		t.log.Error("transcoder", "error", err)
		t.started = now
		return false
	}
	t.log.Info("transcoding", "codec", t.gather.fourCC, "size", fmt.Sprintf("%dx%d", p.width, p.height))
	t.child, t.started, t.zero, t.last, t.waiting = child, now, p.timestamp, 0, false
	return true
}

func (t *Transcoder) answer(s sent, e encoded) {
	t.give(Picture{Unit: e.unit, Format: e.format, Timestamp: s.of.timestamp, Arrival: s.of.arrival})
}

func (t *Transcoder) stop() {
	spent := t.child.finish()
	t.log.Info("transcoded", "seconds", time.Since(t.started).Seconds(), "cores", spent.Seconds()/time.Since(t.started).Seconds())
	t.child, t.waiting = nil, true
}

// Close ends the child.
func (t *Transcoder) Close() {
	if t.child != nil {
		t.stop()
	}
}
