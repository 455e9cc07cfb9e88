package h264

import (
	"bytes"
	"testing"
)

// payloads cuts fuzzed bytes into packets: a length, then as many bytes.
func payloads(data []byte) [][]byte {
	var out [][]byte
	for len(data) > 0 {
		size := min(int(data[0]), len(data)-1)
		out = append(out, data[1:1+size])
		data = data[1+size:]
	}
	return out
}

func FuzzPackets(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Packets
		given := 0
		for _, payload := range payloads(data) {
			Begins(payload)
			given += len(payload)
			if p.Push(payload) != nil {
				return
			}
		}
		units, err := p.Units()
		if err != nil {
			return
		}
		size := 0
		for _, u := range units {
			size += len(u)
		}
		if size > given {
			t.Fatalf("%d bytes of units from %d bytes of packets", size, given)
		}
		unit := NewAccessUnit(units)
		if unit.Key && !unit.Picture() {
			t.Fatal("a key frame without a slice")
		}
		again, err := SplitAVCC(unit.Sample())
		if err != nil || len(again.Units) != len(unit.Units) || again.Key != unit.Key {
			t.Fatalf("a sample that reads as %d units of %d: %v", len(again.Units), len(unit.Units), err)
		}
	})
}

func FuzzAccessUnit(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		unit, err := SplitAVCC(data)
		if err != nil {
			return
		}
		sample := unit.Sample()
		if len(sample) > len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(sample))
		}
		again, err := SplitAVCC(sample)
		if err != nil || !bytes.Equal(again.Sample(), sample) {
			t.Fatalf("not the same again: %v", err)
		}
	})
}

// FuzzFormat reads parameter sets and slices of one stream: SPS, PPS, then
// slices, each with its length before it.
func FuzzFormat(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		units := payloads(data)
		if len(units) < 2 {
			return
		}
		format, err := ParseFormat(units[0], units[1])
		if err != nil {
			return
		}
		format.Codec()
		if format.Filler() {
			return
		}
		var r Repeater
		r.SetFormat(format)
		if bits := max(r.sps.Log2MaxFrameNumMinus4, r.sps.Log2MaxPicOrderCntLsbMinus4); r.able && bits > 12 {
			t.Fatalf("a counter of 4 + %d bits is to be read", bits)
		}
		for _, slice := range units[2:] {
			r.See(NewAccessUnit([][]byte{slice}))
			repeat := r.Repeat()
			if repeat == nil {
				continue
			}
			unit, err := SplitAVCC(repeat)
			if err != nil || len(unit.Units) != 1 || unit.Key || len(repeat) > 64 {
				t.Fatalf("%d bytes repeat the picture: %+v, %v", len(repeat), unit, err)
			}
		}
	})
}
