package h264

import (
	"encoding/binary"
	"math"
	"testing"

	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// Parameter sets as Chromium sends them for 1280x720 (OpenH264).
var (
	sps720 = []byte{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02, 0xdd, 0x37, 0x01, 0x0d, 0x01, 0x07, 0x84, 0x42, 0x35, 0x00}
	pps720 = []byte{0x68, 0xce, 0x3c, 0x80}
)

func TestTheSlateIsTwoDifferentKeyFrames(t *testing.T) {
	slate, err := NewSlate()
	if err != nil {
		t.Fatal(err)
	}
	if slate.Format.Width != 320 || slate.Format.Height != 180 || slate.Format.Filler() {
		t.Errorf("%dx%d", slate.Format.Width, slate.Format.Height)
	}
	first, second, third := slate.Sample(), slate.Sample(), slate.Sample()
	if string(first) == string(second) || string(first) != string(third) {
		t.Error("neighbours must differ in idr_pic_id")
	}
	for _, sample := range [][]byte{first, second} {
		if unit, err := SplitAVCC(sample); err != nil || !unit.Key || !unit.Picture() {
			t.Errorf("%+v %v", unit, err)
		}
	}
}

func TestTheCodecAndSizeComeFromTheSPS(t *testing.T) {
	format, err := ParseFormat(sps720, pps720)
	if err != nil {
		t.Fatal(err)
	}
	if format.Codec() != "avc1.42c01f" || format.Width != 1280 || format.Height != 720 {
		t.Errorf("%s %dx%d", format.Codec(), format.Width, format.Height)
	}
	if _, err := ParseFormat([]byte{0x67}, pps720); err == nil {
		t.Error("a torn SPS was taken")
	}
}

// counting is a baseline SPS of 640x360 with counters of so many bits, less 4.
func counting(frameNum, pocLsb uint32) []byte {
	w := &bitWriter{data: []byte{0x67, 0x42, 0xc0, 0x1f}}
	w.ue(0) // seq_parameter_set_id
	w.ue(frameNum)
	w.ue(0) // pic_order_cnt_type
	w.ue(pocLsb)
	w.ue(1) // max_num_ref_frames
	w.bits(0, 1)
	w.ue(640/16 - 1)
	w.ue(368/16 - 1)
	w.bits(0b111, 3) // frames only, direct_8x8_inference, cropped
	for _, side := range []uint32{0, 0, 0, 4} {
		w.ue(side)
	}
	w.bits(0, 1) // no VUI
	w.trail()
	return append(w.data[:1:1], protect(w.data[1:])...)
}

func TestAnSPSWithCountersOfMoreThan16BitsIsRefused(t *testing.T) {
	if format, err := ParseFormat(counting(12, 12), pps720); err != nil || format.Width != 640 || format.Height != 360 {
		t.Errorf("16 bits: %+v %v", format, err)
	}
	for _, minus4 := range []uint32{13, math.MaxUint32 - 1} {
		for _, sps := range [][]byte{counting(minus4, 0), counting(0, minus4)} {
			if _, err := ParseFormat(sps, pps720); err == nil {
				t.Errorf("a counter of 4 + %d bits was taken", minus4)
			}
		}
	}
}

func TestNoMoreBitsAreReadThanThereAre(t *testing.T) {
	for _, n := range []int{9, math.MaxInt} {
		r := &bitReader{data: []byte{0xff}}
		if got := r.bits(n); got != 0 || r.err == nil {
			t.Fatalf("%d of 8 bits are %x", n, got)
		}
	}
}

func TestAnInjectedPictureIsTold(t *testing.T) {
	if !(&Format{Width: 2, Height: 2}).Filler() || !(&Format{Width: 16, Height: 16}).Filler() || (&Format{Width: 320, Height: 180}).Filler() {
		t.Error("16 pixels or less, and nothing else")
	}
}

func avcc(units ...[]byte) []byte {
	var out []byte
	for _, u := range units {
		out = binary.BigEndian.AppendUint32(out, uint32(len(u)))
		out = append(out, u...)
	}
	return out
}

func TestASampleHoldsSlicesOnly(t *testing.T) {
	idr := []byte{0x65, 0x88, 1, 2}
	unit, err := SplitAVCC(avcc([]byte{0x09, 0xf0}, sps720, pps720, idr, []byte{0x0c, 0xff}))
	if err != nil || !unit.Key || unit.SPS == nil || unit.PPS == nil {
		t.Fatalf("%+v %v", unit, err)
	}
	if got := unit.Sample(); string(got) != string(avcc(idr)) {
		t.Errorf("% x", got)
	}
	for _, torn := range [][]byte{{0, 0}, {0, 0, 0, 9, 1}} {
		if _, err := SplitAVCC(torn); err == nil {
			t.Errorf("% x was taken", torn)
		}
	}
}

func TestARepeatIsAnUnreferencedSliceThatSkipsEveryMacroblock(t *testing.T) {
	slate, _ := NewSlate()
	var r Repeater
	if r.Repeat() != nil {
		t.Error("repeated nothing")
	}
	r.SetFormat(slate.Format)
	key, _ := SplitAVCC(slate.Sample())
	r.See(key)
	unit, err := SplitAVCC(r.Repeat())
	if err != nil || len(unit.Units) != 1 || unit.Key {
		t.Fatalf("%+v %v", unit, err)
	}
	nalu := unit.Units[0]
	if nalu[0] != 0x01 {
		t.Errorf("NAL header %x: it must not be a reference", nalu[0])
	}
	b := &bitReader{data: codec.EmulationPreventionRemove(nalu[1:])}
	if first, kind := b.ue(), b.ue(); first != 0 || kind != 5 {
		t.Errorf("first macroblock %d, slice type %d", first, kind)
	}
	b.ue()
	if n := b.bits(int(r.sps.Log2MaxFrameNumMinus4) + 4); n != r.frameNum+1 {
		t.Errorf("frame_num %d after a reference of %d", n, r.frameNum)
	}
}

func TestWhatCannotBeRepeatedIsNot(t *testing.T) {
	slate, _ := NewSlate()
	key, _ := SplitAVCC(slate.Sample())
	// ue(0) ue(0), then entropy_coding_mode_flag.
	cabac := append([]byte{}, slate.Format.PPS...)
	cabac[1] |= 0x20
	var r Repeater
	r.SetFormat(&Format{SPS: slate.Format.SPS, PPS: cabac})
	r.See(key)
	if r.Repeat() != nil {
		t.Error("a CABAC stream was repeated with CAVLC")
	}
}

func TestExpGolombThereAndBack(t *testing.T) {
	w := &bitWriter{}
	values := []uint32{0, 1, 2, 3, 7, 8, 254, 255, 3599, 65535}
	for _, v := range values {
		w.ue(v)
	}
	w.trail()
	r := &bitReader{data: w.data}
	for _, v := range values {
		if got := r.ue(); got != v {
			t.Errorf("%d became %d", v, got)
		}
	}
}

func TestZerosAreProtected(t *testing.T) {
	raw := []byte{1, 0, 0, 0, 0, 0, 1, 0, 0, 3, 9}
	if got := codec.EmulationPreventionRemove(protect(raw)); string(got) != string(raw) {
		t.Errorf("% x", got)
	}
}

func TestPicturesThatNoDeviceShowsAreNotPassedOn(t *testing.T) {
	for size, playable := range map[[2]int]bool{{2, 2}: false, {16, 720}: false, {320, 180}: true, {3840, 2160}: true, {2160, 3840}: true, {7680, 4320}: false, {640, 8192}: false} {
		if f := (&Format{Width: size[0], Height: size[1]}); f.Playable() != playable {
			t.Errorf("%v", size)
		}
	}
}
