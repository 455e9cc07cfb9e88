// Package cmaf writes a run as fragmented MP4 (CMAF, ISO/IEC 23000-19):
// segments cut at key frames, parts within them, all variants in step.
package cmaf

import (
	"math"
	"time"

	"amphi/worker/h264"
	"amphi/worker/journal"
)

const (
	// Late frames are moved forward to this far behind the last one.
	frameMin = 3 * tick

	soundFrame = 1024
	finalFrame = VideoHz / 30
)

// Picture is one H.264 sample at a time of the run in 90 kHz ticks. Format is
// given with key frames, and only with them.
type Picture struct {
	At      int64
	Format  *h264.Format
	Payload []byte
	Rate    float64 // frames a second, with those that start a segment; zero: not known yet
}

func (p Picture) key() bool { return p.Format != nil }

// sample is what is written. Key frames carry their parameter sets, although
// the init segment has them: ffmpeg, and players built on it, skip every init
// segment after the first one, and would decode with the sets of that.
func (p Picture) sample() []byte {
	if !p.key() {
		return p.Payload
	}
	sets := h264.AccessUnit{Units: [][]byte{p.Format.SPS, p.Format.PPS}}.Sample()
	return append(sets, p.Payload...)
}

// Writer writes the variants of one run. Segments have the same numbers in all
// of them: Cut makes the next number, Start begins it in one variant, with the
// key frame that this variant has next. It belongs to one goroutine.
type Writer struct {
	zero       time.Time
	leadMs     int64
	renditions []*rendition
	byVariant  []*rendition
	sound      sound
	breaks     []bool // by segment: a discontinuity
}

// NewWriter: zero is the server time of tick 0, and leadMs the media time there.
// The first variant must have pictures.
func NewWriter(dir string, j *journal.Journal, zero time.Time, leadMs int64, variants []Variant) *Writer {
	w := &Writer{zero: zero, leadMs: leadMs}
	for _, v := range variants {
		o := &output{Variant: v, dir: dir, journal: j}
		if v.Picture {
			w.renditions = append(w.renditions, &rendition{writer: w})
		}
		r := w.renditions[len(w.renditions)-1]
		if !v.Picture {
			r = w.renditions[0]
		}
		r.outputs = append(r.outputs, o)
		r.hears = r.hears || v.Sound
		w.byVariant = append(w.byVariant, r)
	}
	return w
}

// Parts written of the leading variant.
func (w *Writer) Parts() int { return w.renditions[0].parts }

// Written is the end of the last part written of the leading variant.
func (w *Writer) Written() int64 { return w.renditions[0].written }

// Segments cut so far.
func (w *Writer) Segments() int { return len(w.breaks) }

// Size in bytes of all parts of all variants.
func (w *Writer) Size() (size int64) {
	for _, r := range w.renditions {
		for _, o := range r.outputs {
			size += o.size
		}
	}
	return size
}

// Last is the time of the newest picture taken in of a variant.
func (w *Writer) Last(variant int) (int64, bool) {
	r := w.byVariant[variant]
	return r.lastAt, r.started
}

// Cut makes the next segment number. This is the one place where a
// discontinuity is decided: for all variants at once.
func (w *Writer) Cut(discontinuity bool) (segment int) {
	w.breaks = append(w.breaks, discontinuity)
	return len(w.breaks) - 1
}

// Start takes in the key frame with which a segment of a variant starts.
func (w *Writer) Start(variant, segment int, p Picture) error {
	return w.byVariant[variant].push(queued{Picture: p, starts: true, segment: segment})
}

// Push takes in the next picture of a variant.
func (w *Writer) Push(variant int, p Picture) error {
	return w.byVariant[variant].push(queued{Picture: p})
}

// Pause ends what is written of a variant until its next Start.
func (w *Writer) Pause(variant int) error { return w.byVariant[variant].close() }

// Sound takes in one AAC frame of 1024 samples that starts at `at` (48 kHz
// ticks since zero). Frames follow each other without a gap.
func (w *Writer) Sound(at int64, frame []byte) error {
	w.sound.add(at, frame)
	for _, r := range w.renditions {
		if err := r.flush(); err != nil {
			return err
		}
	}
	w.forgetSound()
	return nil
}

// forgetSound drops what every rendition has written, or will not need.
func (w *Writer) forgetSound() {
	needed := w.sound.next()
	for _, r := range w.renditions {
		switch {
		case !r.hears:
		case r.open:
			needed = min(needed, r.needs())
		case len(r.pictures) > 0:
			needed = min(needed, w.sound.after(r.pictures[0].At))
		default:
			return // it may begin in the past
		}
	}
	w.sound.forget(needed)
}

// Close writes what makes up last parts and finishes the open segments.
func (w *Writer) Close() error {
	for _, r := range w.renditions {
		if err := r.close(); err != nil {
			return err
		}
	}
	return nil
}

// base is the media time (ISO/IEC 14496-12, 8.8.12) of so many ticks after zero.
func (w *Writer) base(ticks int64, hz int64) uint64 { return uint64(w.leadMs*hz/1000 + ticks) }

// pdt: server time in ms of so many seconds after zero.
func (w *Writer) pdt(seconds float64) float64 {
	return math.Round((float64(w.zero.UnixNano())/1e6+seconds*1000)*1000) / 1000
}

// PDT is the server time in ms of a time of the run.
func (w *Writer) PDT(at int64) float64 { return w.pdt(float64(at) / VideoHz) }
