package cmaf

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"amphi/worker/h264"
	"amphi/worker/journal"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4/seekablebuffer"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
)

const (
	videoTrack = 1
	soundTrack = 2
	soundCodec = "mp4a.40.2" // AAC-LC
)

// Variant is one rendition of a run: a name, and what is in it. A ladder is
// more values of it; where segments begin is not theirs to decide.
type Variant struct {
	Name    string
	Picture bool
	Sound   bool
}

// output writes one variant: its init segments, segments, parts and lines.
type output struct {
	Variant
	dir     string
	journal *journal.Journal

	format   *h264.Format
	inits    int
	sequence uint32
	size     int64 // of all parts
	heard    int64 // where it is sound alone: frames written, by number

	file    *os.File
	segment openSegment
}

type openSegment struct {
	number        int
	init          int
	discontinuity bool
	name          string
	parts         int
	size          int64
	seconds       float64
	pdt           float64
}

func (o *output) writeInit(format *h264.Format, frameRate float64) error {
	var init fmp4.Init
	line := journal.Init{Variant: o.Name, Init: o.inits, File: fmt.Sprintf("%s-init-%d.mp4", o.Name, o.inits)}
	if o.Picture {
		init.Tracks = append(init.Tracks, &fmp4.InitTrack{
			ID: videoTrack, TimeScale: VideoHz, Codec: &codecs.H264{SPS: format.SPS, PPS: format.PPS},
		})
		line.Codecs = format.Codec()
		line.Width, line.Height, line.FrameRate = format.Width, format.Height, frameRate
	}
	if o.Sound {
		init.Tracks = append(init.Tracks, &fmp4.InitTrack{
			ID: soundTrack, TimeScale: SoundHz, Codec: &codecs.MPEG4Audio{Config: mpeg4audio.AudioSpecificConfig{
				Type: mpeg4audio.ObjectTypeAACLC, SampleRate: SoundHz, ChannelConfig: 2, ChannelCount: 2,
			}},
		})
		if line.Codecs != "" {
			line.Codecs += ","
		}
		line.Codecs += soundCodec
	}
	var buffer seekablebuffer.Buffer
	if err := init.Marshal(&buffer); err != nil {
		return err
	}
	data := brand(buffer.Bytes())
	line.Size = len(data)
	if err := os.WriteFile(filepath.Join(o.dir, line.File), data, 0o644); err != nil {
		return err
	}
	o.inits++
	o.format = format
	return o.journal.Init(line)
}

// brand says what the file may be read by: fragments that count from their own
// beginning are of iso5, and HLS asks for iso6 or later (RFC 8216bis, 3.1.2).
// The library says mp41, which knows no fragments.
func brand(init []byte) []byte {
	return bytes.Replace(init, []byte("mp41"), []byte("iso6"), 1)
}

// begin opens a segment. The previous one must be finished.
func (o *output) begin(number int, discontinuity bool, pdt float64) error {
	name := fmt.Sprintf("%s-%d.m4s", o.Name, number)
	file, err := os.OpenFile(filepath.Join(o.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	o.file = file
	o.segment = openSegment{number: number, init: o.inits - 1, discontinuity: discontinuity, name: name, pdt: pdt}
	return nil
}

// part writes the next part of the open segment; the last one closes it.
func (o *output) part(tracks []*fmp4.PartTrack, seconds float64, independent bool, pdt float64, last bool) error {
	var buffer seekablebuffer.Buffer
	o.sequence++
	if err := (fmp4.Part{SequenceNumber: o.sequence, Tracks: tracks}).Marshal(&buffer); err != nil {
		return err
	}
	if _, err := o.file.Write(buffer.Bytes()); err != nil {
		return err
	}
	s := &o.segment
	line := journal.Part{
		Variant: o.Name, Segment: s.number, Part: s.parts, File: s.name, Offset: s.size, Size: buffer.Len(),
		Duration: seconds, Independent: independent, PDT: pdt,
	}
	if s.parts == 0 {
		s.pdt = pdt
		line.Init, line.Discontinuity = &s.init, &s.discontinuity
	}
	s.parts++
	s.size += int64(buffer.Len())
	o.size += int64(buffer.Len())
	s.seconds += seconds
	if !last {
		return o.journal.Part(line)
	}
	if err := o.closeFile(); err != nil {
		return err
	}
	return o.journal.LastPart(line, s.line(o.Name))
}

// finish closes the open segment, if any, and says so. One that has no part has
// not begun for anybody: readers take a segment without bytes for garbage.
func (o *output) finish() error {
	if o.file == nil {
		return nil
	}
	if err := o.closeFile(); err != nil {
		return err
	}
	if o.segment.parts == 0 {
		return nil
	}
	return o.journal.Segment(o.segment.line(o.Name))
}

func (o *output) closeFile() error {
	file := o.file
	o.file = nil
	return file.Close()
}

func (s *openSegment) line(variant string) journal.Segment {
	return journal.Segment{
		Variant: variant, Segment: s.number, Init: s.init, Discontinuity: s.discontinuity,
		Duration: round6(s.seconds), Size: s.size, File: s.name, PDT: s.pdt,
	}
}
