package cmaf

import (
	"math"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
)

// rendition is the queue of one ladder's rung. Variants that have sound only
// go with the first one.
type rendition struct {
	writer  *Writer
	outputs []*output
	hears   bool

	pictures []queued
	started  bool
	lastAt   int64
	open     bool // segment number `segment`
	segment  int
	heard    int64
	parts    int
	written  int64
}

type queued struct {
	Picture
	starts  bool // segment number `segment`
	segment int
}

func (r *rendition) push(q queued) error {
	if !r.started && !q.starts {
		return nil
	}
	if r.started {
		q.At = max(q.At, r.lastAt+frameMin)
	}
	r.started, r.lastAt = true, q.At
	r.pictures = append(r.pictures, q)
	return r.flush()
}

// flush writes every part of which the end is known and the sound is there.
func (r *rendition) flush() error {
	for {
		at := make([]int64, len(r.pictures))
		for i, p := range r.pictures {
			at[i] = p.At
		}
		n, end := nextPart(at, func(i int) bool { return r.pictures[i].starts })
		if n == 0 || !r.soundUntil(end) {
			return nil
		}
		r.pictures[n].At = end
		r.lastAt = max(r.lastAt, end)
		if err := r.emit(n, end); err != nil {
			return err
		}
	}
}

func (r *rendition) soundUntil(end int64) bool { return !r.hears || r.writer.sound.until(end) }

func (r *rendition) emit(n int, end int64) error {
	pictures := r.pictures[:n]
	if pictures[0].starts {
		if err := r.begin(pictures[0]); err != nil {
			return err
		}
	}
	from, to := r.heard, r.heard
	if r.hears {
		to = max(from, r.writer.sound.after(end))
	}
	r.heard = to
	// Players ask for the part that is hinted at, and take a 404 for a fault: that
	// the segment is over is said with its last part.
	last := n < len(r.pictures) && r.pictures[n].starts
	for _, o := range r.outputs {
		var err error
		if o.Picture {
			err = r.emitTo(o, pictures, end, from, to, last)
		} else {
			err = r.hear(o, r.pictures[n:])
		}
		if err != nil {
			return err
		}
	}
	r.parts++
	r.written = end
	clear(pictures)
	r.pictures = r.pictures[n:]
	r.writer.forgetSound()
	return nil
}

func (r *rendition) emitTo(o *output, pictures []queued, end, from, to int64, last bool) error {
	var tracks []*fmp4.PartTrack
	if o.Sound && to > from {
		tracks = append(tracks, r.soundTrack(from, to))
	}
	track := &fmp4.PartTrack{ID: videoTrack, BaseTime: r.writer.base(pictures[0].At, VideoHz)}
	for i, p := range pictures {
		next := end
		if i+1 < len(pictures) {
			next = pictures[i+1].At
		}
		track.Samples = append(track.Samples, &fmp4.Sample{
			Duration: uint32(next - p.At), IsNonSyncSample: !p.key(), Payload: p.sample(),
		})
	}
	tracks = append([]*fmp4.PartTrack{track}, tracks...)
	start, seconds := float64(pictures[0].At)/VideoHz, float64(end-pictures[0].At)/VideoHz
	return o.part(tracks, round6(seconds), pictures[0].key(), r.writer.pdt(start), last)
}

// hear writes the sound of a variant that has nothing else, in parts of its
// own: as far as it is certain, from the pictures that come next, that no
// segment starts.
func (r *rendition) hear(o *output, next []queued) error {
	if len(next) == 0 || next[0].starts {
		if err := r.hearUntil(o, r.heard, true); err != nil {
			return err
		}
		return o.finish()
	}
	certain := next[0].At
	for _, p := range next[1:] {
		certain = p.At
		if p.starts {
			break
		}
	}
	return r.hearUntil(o, r.writer.sound.after(certain), false)
}

func (r *rendition) hearUntil(o *output, until int64, last bool) error {
	for {
		n := nextSoundPart(until-o.heard, last)
		if n == 0 && o.segment.parts == 0 && until-o.heard >= soundPart {
			// No segment is so short that this is near its end. Where the worker dies
			// now, the sound has begun the segment that the pictures have begun.
			n = soundPart
		}
		if n == 0 && last && until > o.heard && o.segment.parts == 0 {
			n = until - o.heard
		}
		if n == 0 {
			return nil
		}
		from := o.heard
		o.heard += n
		start := r.writer.pdt(float64(r.writer.sound.start(from)) / SoundHz)
		tracks := []*fmp4.PartTrack{r.soundTrack(from, o.heard)}
		ends := last && nextSoundPart(until-o.heard, last) == 0
		if err := o.part(tracks, round6(float64(n*soundFrame)/SoundHz), true, start, ends); err != nil {
			return err
		}
	}
}

func (r *rendition) soundTrack(from, to int64) *fmp4.PartTrack {
	track := &fmp4.PartTrack{ID: soundTrack, BaseTime: r.writer.base(r.writer.sound.start(from), SoundHz)}
	for _, frame := range r.writer.sound.slice(from, to) {
		track.Samples = append(track.Samples, &fmp4.Sample{Duration: soundFrame, Payload: frame})
	}
	return track
}

// needs is the number of the first frame of sound that is not written yet.
func (r *rendition) needs() int64 {
	needed := r.heard
	for _, o := range r.outputs {
		if !o.Picture {
			needed = min(needed, o.heard)
		}
	}
	return needed
}

func (r *rendition) begin(first queued) error {
	if !r.open && r.hears {
		r.heard = r.writer.sound.after(first.At)
		for _, o := range r.outputs {
			o.heard = r.heard
		}
	}
	discontinuity := r.writer.breaks[first.segment]
	for _, o := range r.outputs {
		if err := o.finish(); err != nil {
			return err
		}
		if o.inits == 0 || o.Picture && !first.Format.Equal(o.format) {
			known := first.Rate
			if known == 0 {
				known = rate(r.pictures)
			}
			if err := o.writeInit(first.Format, known); err != nil {
				return err
			}
		}
		if err := o.begin(first.segment, discontinuity, r.writer.pdt(float64(first.At)/VideoHz)); err != nil {
			return err
		}
	}
	r.open, r.segment = true, first.segment
	return nil
}

// close writes what makes up a last part and finishes the open segment. What
// is pushed afterwards has to start a segment.
func (r *rendition) close() error {
	if end := r.lastAt + finalFrame; r.closes(end) {
		if err := r.emit(len(r.pictures), end); err != nil {
			return err
		}
	}
	open := r.open
	r.pictures, r.started, r.open = nil, false, false
	for _, o := range r.outputs {
		if open && !o.Picture {
			if err := r.hearUntil(o, r.heard, true); err != nil {
				return err
			}
		}
		if err := o.finish(); err != nil {
			return err
		}
	}
	return nil
}

// closes: what is queued is one proper part, with its sound.
func (r *rendition) closes(end int64) bool {
	if len(r.pictures) == 0 || !r.open && !r.pictures[0].starts || r.splits() {
		return false
	}
	if first := r.pictures[0]; first.starts && r != r.writer.renditions[0] && first.segment > r.writer.renditions[0].segment {
		return false // the first rendition has no such segment, and never will
	}
	length := end - r.pictures[0].At
	return length >= partMin && length <= partMax && r.soundUntil(end-partMin)
}

// splits: a segment starts within what is queued.
func (r *rendition) splits() bool {
	for _, p := range r.pictures[1:] {
		if p.starts {
			return true
		}
	}
	return false
}

func round6(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }
