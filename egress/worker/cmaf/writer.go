// Package cmaf writes a run as fragmented MP4 (CMAF, ISO/IEC 23000-19):
// segments cut at key frames, parts within them, all variants in step.
package cmaf

import (
	"math"
	"time"

	"amphi/worker/h264"
	"amphi/worker/journal"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
)

const (
	// A key frame earlier than this does not start a segment; one is asked for
	// at 1.9 s, so this takes in those that others asked for.
	segmentMin = 1200 * tick
	// Late frames are moved forward to this far behind the last one.
	frameMin = 3 * tick

	soundFrame   = 1024
	defaultRate  = 30
	finalFrame   = VideoHz / defaultRate
	rateSpan     = 8
	maxFrameRate = 120
)

// Picture is one H.264 sample at a time of the run in 90 kHz ticks. Format is
// given with key frames, and only with them.
type Picture struct {
	At      int64
	Format  *h264.Format
	Payload []byte
}

func (p Picture) key() bool { return p.Format != nil }

// Writer decides where segments and parts of all variants begin. It belongs to
// one goroutine.
type Writer struct {
	zero    time.Time
	outputs []*output

	pictures  []queued
	started   bool
	format    *h264.Format
	lastAt    int64
	segmentAt int64 // start of the newest segment in the queue

	sound     [][]byte // AAC frames not yet written
	soundAt   int64    // number of sound[0], in frames of 1024 since zero
	soundBase int64    // 48 kHz ticks of frame number 0

	segment int
	open    bool
	parts   int
	written int64
}

type queued struct {
	Picture
	starts bool // a segment
}

// NewWriter: zero is the server time of tick 0.
func NewWriter(dir string, j *journal.Journal, zero time.Time, variants []Variant) *Writer {
	w := &Writer{zero: zero}
	for _, v := range variants {
		w.outputs = append(w.outputs, &output{Variant: v, dir: dir, journal: j})
	}
	return w
}

// Parts written of the leading variant.
func (w *Writer) Parts() int { return w.parts }

// Last is the time of the newest picture taken in.
func (w *Writer) Last() (int64, bool) { return w.lastAt, w.started }

// SegmentAt is where the newest segment starts, written or not.
func (w *Writer) SegmentAt() int64 { return w.segmentAt }

// Segments begun.
func (w *Writer) Segments() int { return w.segment }

// Written is the end of the last part written.
func (w *Writer) Written() int64 { return w.written }

// Push takes in the next picture. The first must be a key frame.
func (w *Writer) Push(p Picture) error {
	if !w.started && !p.key() {
		return nil
	}
	if p.key() && w.started && !p.Format.Equal(w.format) {
		p = w.replace(p)
	}
	starts := p.key() && (!w.started || !p.Format.Equal(w.format) || p.At-w.segmentAt >= segmentMin)
	if w.started {
		p.At = max(p.At, w.lastAt+frameMin)
	}
	if starts {
		w.segmentAt, w.format = p.At, p.Format
	}
	w.started, w.lastAt = true, p.At
	w.pictures = append(w.pictures, queued{p, starts})
	return w.flush()
}

// replace: formats that follow each other at once (layers climbing) are not
// worth a segment each. The newer one takes the place of what was not written.
func (w *Writer) replace(p Picture) Picture {
	first := len(w.pictures) - 1
	for first >= 0 && !w.pictures[first].starts {
		first--
	}
	if first < 0 || p.At-w.pictures[first].At >= partTarget {
		return p
	}
	p.At = w.pictures[first].At
	w.pictures = w.pictures[:first]
	w.started = first > 0 || w.open
	w.format = nil
	if first > 0 {
		w.lastAt = w.pictures[first-1].At
	} else {
		w.lastAt = p.At - frameMin
	}
	return p
}

// Sound takes in one AAC frame of 1024 samples that starts at `at` (48 kHz
// ticks since zero). Frames follow each other without a gap.
func (w *Writer) Sound(at int64, frame []byte) error {
	if len(w.sound) == 0 && w.soundAt == 0 {
		w.soundBase = at
	}
	w.sound = append(w.sound, frame)
	return w.flush()
}

func (w *Writer) soundStart(i int) int64 { return w.soundBase + (w.soundAt+int64(i))*soundFrame }

// flush writes every part of which the end is known and the sound is there.
func (w *Writer) flush() error {
	if len(w.pictures) > 0 {
		w.dropSoundBefore(w.pictures[0].At)
	}
	for {
		at := make([]int64, len(w.pictures))
		for i, p := range w.pictures {
			at[i] = p.At
		}
		n := nextPart(at, func(i int) bool { return w.pictures[i].starts })
		if n == 0 || !w.soundUntil(w.pictures[n].At) {
			return nil
		}
		if err := w.emit(n, w.pictures[n].At); err != nil {
			return err
		}
	}
}

func (w *Writer) dropSoundBefore(at int64) {
	for !w.open && len(w.sound) > 0 && toVideo(w.soundStart(0)) < at {
		w.sound = w.sound[1:]
		w.soundAt++
	}
}

func (w *Writer) soundUntil(end int64) bool {
	return toVideo(w.soundStart(len(w.sound))) >= end
}

func (w *Writer) emit(n int, end int64) error {
	pictures := w.pictures[:n]
	if pictures[0].starts {
		if err := w.beginSegment(pictures[0].Picture); err != nil {
			return err
		}
	}
	heard := 0
	for heard < len(w.sound) && toVideo(w.soundStart(heard)) < end {
		heard++
	}
	for _, o := range w.outputs {
		if err := w.emitTo(o, pictures, end, heard); err != nil {
			return err
		}
	}
	w.parts++
	w.written = end
	w.pictures = w.pictures[n:]
	w.sound = w.sound[heard:]
	w.soundAt += int64(heard)
	return nil
}

func (w *Writer) emitTo(o *output, pictures []queued, end int64, heard int) error {
	var tracks []*fmp4.PartTrack
	start, seconds, independent := float64(0), float64(0), true
	if o.Sound && heard > 0 {
		track := &fmp4.PartTrack{ID: soundTrack, BaseTime: uint64(w.soundStart(0))}
		for _, frame := range w.sound[:heard] {
			track.Samples = append(track.Samples, &fmp4.Sample{Duration: soundFrame, Payload: frame})
		}
		tracks = append(tracks, track)
		start, seconds = float64(w.soundStart(0))/SoundHz, float64(heard*soundFrame)/SoundHz
	}
	if o.Picture {
		track := &fmp4.PartTrack{ID: videoTrack, BaseTime: uint64(pictures[0].At)}
		for i, p := range pictures {
			next := end
			if i+1 < len(pictures) {
				next = pictures[i+1].At
			}
			track.Samples = append(track.Samples, &fmp4.Sample{
				Duration: uint32(next - p.At), IsNonSyncSample: !p.key(), Payload: p.Payload,
			})
		}
		tracks = append([]*fmp4.PartTrack{track}, tracks...)
		start, seconds = float64(pictures[0].At)/VideoHz, float64(end-pictures[0].At)/VideoHz
		independent = pictures[0].key()
	}
	if len(tracks) == 0 {
		return nil // an interval without a frame of sound: it comes with the next
	}
	return o.part(tracks, round6(seconds), independent, w.pdt(start))
}

// beginSegment is the one place where an init segment or a discontinuity is
// decided: for all variants at once.
func (w *Writer) beginSegment(first Picture) error {
	discontinuity := false
	for _, o := range w.outputs {
		if o.Picture && o.inits > 0 && !first.Format.Equal(o.format) {
			discontinuity = true
		}
	}
	for _, o := range w.outputs {
		if err := o.finish(); err != nil {
			return err
		}
		if o.inits == 0 || o.Picture && discontinuity {
			if err := o.writeInit(first.Format, w.frameRate()); err != nil {
				return err
			}
		}
		if err := o.begin(w.segment, discontinuity, w.pdt(float64(first.At)/VideoHz)); err != nil {
			return err
		}
	}
	w.segment++
	w.open = true
	return nil
}

// Close writes what makes up a last part and finishes the open segments.
func (w *Writer) Close() error {
	if end := w.lastAt + finalFrame; w.closes(end) {
		if err := w.emit(len(w.pictures), end); err != nil {
			return err
		}
	}
	for _, o := range w.outputs {
		if err := o.finish(); err != nil {
			return err
		}
	}
	return nil
}

// closes: what is queued is one proper part, with its sound.
func (w *Writer) closes(end int64) bool {
	if len(w.pictures) == 0 || !w.open && !w.pictures[0].starts || w.splits() {
		return false
	}
	length := end - w.pictures[0].At
	return length >= partMin && length <= partMax && w.soundUntil(end-partMin)
}

// splits: a segment starts within what is queued.
func (w *Writer) splits() bool {
	for _, p := range w.pictures[1:] {
		if p.starts {
			return true
		}
	}
	return false
}

func (w *Writer) frameRate() float64 {
	n := min(len(w.pictures), rateSpan)
	if n < 3 {
		return defaultRate
	}
	rate := math.Round(float64(n-1) * VideoHz / float64(w.pictures[n-1].At-w.pictures[0].At))
	return max(1, min(rate, maxFrameRate))
}

// pdt: server time in ms of so many seconds after zero.
func (w *Writer) pdt(seconds float64) float64 {
	return math.Round((float64(w.zero.UnixNano())/1e6+seconds*1000)*1000) / 1000
}

func toVideo(sound int64) int64 { return sound * VideoHz / SoundHz }

func round6(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }
