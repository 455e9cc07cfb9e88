package cmaf

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"amphi/worker/h264"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
)

// Players built on ffmpeg read the first init segment only.
func TestKeyFramesCarryTheirParameterSets(t *testing.T) {
	s := newStage(t)
	formats := map[int64]*h264.Format{0: s.slate.Format, 2000: s.other()}
	s.play(0, 4000, func(ms int64) *h264.Format { return formats[ms] })
	keys := 0
	for _, p := range of(s.end(), "part", "low") {
		data, err := os.ReadFile(filepath.Join(s.dir, p.File))
		if err != nil {
			t.Fatal(err)
		}
		var parts fmp4.Parts
		if err := parts.Unmarshal(data[p.Offset : p.Offset+p.Size]); err != nil {
			t.Fatal(err)
		}
		for _, sample := range parts[0].Tracks[0].Samples {
			unit, err := h264.SplitAVCC(sample.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if sample.IsNonSyncSample {
				if unit.SPS != nil || unit.PPS != nil {
					t.Errorf("%d.%d: parameter sets without a key frame", p.Segment, p.Part)
				}
				continue
			}
			keys++
			want := formats[int64(p.Segment)*2000]
			if !bytes.Equal(unit.SPS, want.SPS) || !bytes.Equal(unit.PPS, want.PPS) {
				t.Errorf("%d.%d: parameter sets %x %x", p.Segment, p.Part, unit.SPS, unit.PPS)
			}
		}
	}
	if keys != len(formats) {
		t.Errorf("%d key frames", keys)
	}
}

func TestInitSegmentsAreOfTheBrandThatHLSAsksFor(t *testing.T) {
	s := newStage(t)
	s.play(0, 3000, steady(s.slate.Format))
	for _, variant := range []string{"main", "audio"} {
		for _, line := range of(s.lines(), "init", variant) {
			data, err := os.ReadFile(filepath.Join(s.dir, line.File))
			if err != nil {
				t.Fatal(err)
			}
			if brands := data[:32]; !bytes.Contains(brands, []byte("iso6")) || len(data) != line.Size {
				t.Errorf("%s: %q, %d bytes of %d", line.File, brands, len(data), line.Size)
			}
		}
	}
	s.end()
}

// Where a worker dies, players of the sound alone find the segment that those
// of the pictures have.
func TestTheSoundBeginsASegmentTogetherWithThePictures(t *testing.T) {
	s := newStage(t)
	for i := range int64(8 * 30) {
		ms := i * 1000 / 30
		s.picture(ms, steady(s.slate.Format)(ms))
		s.soundUntil(ms - 150) // the mixer waits for late voices
	}
	begun := map[string]int{}
	for _, l := range s.lines() {
		if l.T != "part" {
			continue
		}
		if l.Variant == "main" && l.Part == 1 && begun["audio"] < l.Segment {
			t.Errorf("the sound has not begun segment %d", l.Segment)
		}
		begun[l.Variant] = l.Segment
	}
	if s.end(); begun["main"] < 3 {
		t.Errorf("%d segments", begun["main"])
	}
}
