package room

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// FuzzAssemble takes packets as a network may bring them: each six bytes of
// header (step of the sequence number, of the timestamp, of time, marker) and a
// payload with its length before it.
func FuzzAssemble(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		order, a := newReorder(videoPatience), newAssemble()
		now, sequence, timestamp := noon, uint16(65_000), uint32(0xffff_0000)
		last, begun, lost := uint16(0), false, true
		take := func(packets []arrived) {
			for _, p := range packets {
				if begun && !p.Lost && p.SequenceNumber != last+1 {
					t.Fatalf("%d follows %d", p.SequenceNumber, last)
				}
				last, begun, lost = p.SequenceNumber, true, lost || p.Lost
				frame := a.push(p)
				if frame == nil {
					continue
				}
				if frame.Unit.Key != (frame.Format != nil) || frame.Unit.Beyond != "" || !frame.Unit.Picture() || a.Waiting() {
					t.Fatalf("a frame that is none: %+v", frame)
				}
				if frame.Format != nil && frame.Format.Filler() {
					t.Fatal("a filler")
				}
				if lost && frame.Format == nil {
					t.Fatal("it goes on after a loss without a key frame")
				}
				lost = false
			}
		}
		for len(data) >= 7 {
			sequence += uint16(int8(data[0]))
			timestamp += uint32(int16(binary.BigEndian.Uint16(data[1:]))) * 90
			now = now.Add(time.Duration(binary.BigEndian.Uint16(data[3:])) * time.Millisecond)
			size := min(int(data[6]), len(data)-7)
			take(order.push(&rtp.Packet{
				Header:  rtp.Header{SequenceNumber: sequence, Timestamp: timestamp, Marker: data[5]&1 != 0},
				Payload: data[7 : 7+size],
			}, now))
			take(order.due(now))
			if len(order.held) > sequenceJump+1 {
				t.Fatalf("%d packets are held", len(order.held))
			}
			data = data[7+size:]
		}
	})
}
