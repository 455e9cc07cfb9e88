package room

import (
	"bytes"
	"testing"
)

var (
	sei       = []byte{0x06, 0x05, 0x01, 0xaa, 0x80}
	delimiter = []byte{0x09, 0xf0}
	// first_mb_in_slice 0, slice_type 6 (B): 1 00111
	bidirectional = []byte{0x01, 0x9f, 0x80}
	// SPS and PPS of LiveKit's injected pictures of 2x2 pixels.
	fillerSPS = []byte{0x67, 0x42, 0xc0, 0x1f, 0x0f, 0xd9, 0x1f, 0x88, 0x88, 0x84, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xc8, 0x3c, 0x60, 0xc9, 0x20}
	fillerPPS = []byte{0x68, 0x87, 0xcb, 0x83, 0xcb, 0x20}
	fillerIDR = []byte{0x65, 0x88, 0x84, 0x0a, 0xf2, 0x62, 0x80, 0x00, 0xa7, 0xbe}
	// Chromium's (OpenH264) for 1280x720.
	otherSPS = []byte{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02, 0xdd, 0x37, 0x01, 0x0d, 0x01, 0x07, 0x84, 0x42, 0x35, 0x00}
	otherPPS = []byte{0x68, 0xce, 0x3c, 0x80}
)

// step is what comes next: a picture in packets, of which some are lost.
type step struct {
	packets [][]byte
	lost    []int
	// endless: without the end mark.
	endless bool
	// what becomes of it: nothing, a picture, or a key frame of a width
	picture bool
	width   int
	// whether a key frame is waited for afterwards
	waits bool
}

func TestPicturesAreMadeOfPacketsAsTheyCome(t *testing.T) {
	sps, pps, idr := parts(t)
	whole := stap(sps, pps, idr)
	torn := append([][]byte{stap(sps, pps)}, fragments(idr)...)
	last := len(torn) - 1
	begun := step{packets: [][]byte{whole}, picture: true, width: 320}
	next := step{packets: [][]byte{delta}, picture: true}
	gone := step{packets: [][]byte{delta}, waits: true}
	otherIDR := stap(otherSPS, otherPPS, idr)
	cases := map[string][]step{
		"single NAL units":                 {{packets: [][]byte{sps, pps, idr}, picture: true, width: 320}, next},
		"an aggregate":                     {begun, next},
		"an aggregate and fragments":       {{packets: torn, picture: true, width: 320}, next},
		"fragments of a later picture":     {begun, {packets: fragments(bytes.Repeat(delta, 30)), picture: true}, next},
		"delimiters, SEI and padding":      {{packets: [][]byte{delimiter, sei, nil, stap(sps, pps), nil, idr}, picture: true, width: 320}, next},
		"several slices":                   {begun, {packets: [][]byte{delta, {0x41, 0x1a, 7}}, picture: true}},
		"the sets alone, before":           {{packets: [][]byte{sps}, waits: true}, {packets: [][]byte{pps}, waits: true}, {packets: [][]byte{idr}, picture: true, width: 320}, next},
		"the same sets again, alone":       {begun, {packets: [][]byte{stap(sps, pps)}}, next},
		"sets sent once only":              {begun, {packets: [][]byte{idr}, picture: true, width: 320}, next},
		"no sets at all":                   {{packets: [][]byte{idr}, waits: true}, gone, begun},
		"half the sets":                    {{packets: [][]byte{stap(sps, idr)}, waits: true}, begun},
		"sets that cannot be read":         {{packets: [][]byte{stap([]byte{0x67, 1}, pps, idr)}, waits: true}, begun},
		"another size":                     {begun, next, {packets: [][]byte{otherIDR}, picture: true, width: 1280}, next, begun},
		"another size without a key frame": {begun, {packets: [][]byte{stap(otherSPS, otherPPS), delta}, waits: true}, gone, {packets: [][]byte{otherIDR}, picture: true, width: 1280}},
		"a filler in between":              {begun, {packets: [][]byte{stap(fillerSPS, fillerPPS, fillerIDR)}}, next},
		"a filler first":                   {{packets: [][]byte{stap(fillerSPS, fillerPPS, fillerIDR)}, waits: true}, {packets: [][]byte{idr}, waits: true}, begun},
		"B-frames":                         {begun, next, {packets: [][]byte{bidirectional}, waits: true}, gone},
		"several picture parameter sets":   {{packets: [][]byte{stap(sps, pps, []byte{0x68, 0x5e, 0x3c, 0x80}, idr)}, waits: true}},
		"empty and unknown packets":        {begun, {packets: [][]byte{nil}}, next, {packets: [][]byte{{0}}, waits: true}, begun, {packets: [][]byte{{30, 1, 2}}, waits: true}, begun, {packets: [][]byte{{24, 0}}, waits: true}, begun, {packets: [][]byte{{28}}, waits: true}, begun},
		"an aggregate that overruns":       {{packets: [][]byte{{24, 0xff, 0xff, 0x67}}, waits: true}, begun},
		"fragments without a beginning":    {begun, {packets: torn[2:], waits: true}, gone, begun},
		"fragments without an end":         {begun, {packets: torn[:last], waits: true}, begun},
		"a fragment in a fragment":         {begun, {packets: [][]byte{torn[1], torn[1], torn[last]}, waits: true}, begun},
		"the end mark missing":             {begun, {packets: [][]byte{delta}, endless: true}, gone, begun},
		"the sets of a key frame lost":     {begun, next, {packets: torn, lost: []int{0}, waits: true}, gone, begun},
		"the first fragment lost":          {begun, {packets: torn, lost: []int{1}, waits: true}, gone, begun},
		"a middle fragment lost":           {begun, {packets: torn, lost: []int{2}, waits: true}, gone, begun},
		"the last fragment lost":           {begun, {packets: torn, lost: []int{last}}, gone, begun},
		"the end of one and the beginning of the next lost": {
			begun, {packets: torn, lost: []int{last}}, {packets: torn, lost: []int{0, 1}, waits: true}, gone, begun,
		},
		"a whole picture lost":               {begun, {packets: [][]byte{delta}, lost: []int{0}}, gone, begun},
		"a loss just before a key frame":     {begun, {packets: [][]byte{delta}, lost: []int{0}}, begun, next},
		"a loss, then a key frame bare":      {begun, {packets: [][]byte{delta}, lost: []int{0}}, {packets: [][]byte{idr}, waits: true}, {packets: [][]byte{idr}, picture: true, width: 320}},
		"a loss, then padding, then a piece": {begun, {packets: torn, lost: []int{0, 1}, waits: true}, {packets: [][]byte{nil}, waits: true}, begun},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			a, s := newAssemble(), sender{}
			missing := false
			for i, want := range steps {
				var got *Frame
				for n, payload := range want.packets {
					p := s.packet(payload, false)
					if has(want.lost, n) {
						missing = true
						continue
					}
					p.Lost, missing = missing, false
					p.Marker = n == len(want.packets)-1 && !want.endless
					if frame := a.push(p); frame != nil {
						got = frame
					}
				}
				s.timestamp += 3000
				check(t, i, want, got, a.Waiting() && !missing)
			}
		})
	}
}

func check(t *testing.T, i int, want step, got *Frame, waits bool) {
	t.Helper()
	width := 0
	if got != nil && got.Format != nil {
		width = got.Format.Width
	}
	if (got != nil) != want.picture || width != want.width {
		t.Errorf("step %d: a picture: %v, of width %d", i, got != nil, width)
	}
	if waits != want.waits && !want.endless && want.lost == nil {
		t.Errorf("step %d: waits for a key frame: %v", i, waits)
	}
}

func has(numbers []int, n int) bool {
	for _, m := range numbers {
		if m == n {
			return true
		}
	}
	return false
}

func TestWhatCannotBePassedThroughIsTold(t *testing.T) {
	sps, pps, idr := parts(t)
	for want, payload := range map[string][]byte{
		"":                       delta,
		"B-frames":               bidirectional,
		"several parameter sets": stap(sps, append([]byte{0x67, 1, 2, 3}, 0x40), pps, idr),
	} {
		a, s := newAssemble(), sender{}
		a.push(s.packet(stap(sps, pps, idr), true))
		a.push(s.packet(payload, true))
		if a.Beyond() != want {
			t.Errorf("%q instead of %q", a.Beyond(), want)
		}
	}
}

func TestAPictureWithoutAnyEndTakesNoMemoryForEver(t *testing.T) {
	a, s := newAssemble(), sender{}
	a.push(s.packet(keyFrame(t), true))
	payload := append([]byte{0x41, 0x9a}, make([]byte, 1200)...)
	for range 100_000 {
		a.push(s.packet(payload, false))
		if units, _ := a.packets.Units(); len(units) > 10_000 {
			t.Fatal("more than 8 MB are held")
		}
	}
	if !a.Waiting() {
		t.Error("it was not given up")
	}
}

func TestTimestampsOverTheEndAreJustTimestamps(t *testing.T) {
	a, s := newAssemble(), sender{sequence: 65_530, timestamp: ^uint32(0) - 4000}
	a.push(s.packet(keyFrame(t), true))
	for range 20 {
		want := s.timestamp
		if f := a.push(s.packet(delta, true)); f == nil || f.Timestamp != want {
			t.Fatalf("%+v at %d", f, want)
		}
	}
}
