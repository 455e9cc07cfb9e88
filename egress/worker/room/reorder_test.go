package room

import (
	"testing"
	"time"

	"github.com/pion/rtp"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func packet(sequence uint16) *rtp.Packet {
	return &rtp.Packet{Header: rtp.Header{SequenceNumber: sequence}}
}

func numbers(packets []arrived) []uint16 {
	out := []uint16{}
	for _, p := range packets {
		out = append(out, p.SequenceNumber)
	}
	return out
}

func expect(t *testing.T, got []arrived, want ...uint16) {
	t.Helper()
	n := numbers(got)
	if len(n) != len(want) {
		t.Fatalf("got %v, want %v", n, want)
	}
	for i := range n {
		if n[i] != want[i] {
			t.Fatalf("got %v, want %v", n, want)
		}
	}
}

func TestPacketsInOrderAreDeliveredAtOnce(t *testing.T) {
	r := newReorder(videoPatience)
	for _, s := range []uint16{65534, 65535, 0, 1} {
		expect(t, r.push(packet(s), noon), s)
	}
}

func TestAGapIsWaitedForAndFilled(t *testing.T) {
	r := newReorder(videoPatience)
	r.push(packet(10), noon)
	expect(t, r.push(packet(12), noon))
	expect(t, r.push(packet(13), noon))
	expect(t, r.due(noon.Add(videoPatience-time.Millisecond)))
	got := r.push(packet(11), noon.Add(videoPatience-time.Millisecond))
	expect(t, got, 11, 12, 13)
	for _, p := range got {
		if p.Lost {
			t.Error("nothing was lost")
		}
	}
	expect(t, r.push(packet(11), noon)) // twice
}

func TestAGapIsGivenUpAfterAWhile(t *testing.T) {
	r := newReorder(videoPatience)
	r.push(packet(65533), noon)
	r.push(packet(1), noon)
	r.push(packet(2), noon.Add(100*time.Millisecond))
	got := r.due(noon.Add(videoPatience))
	expect(t, got, 1, 2)
	if !got[0].Lost || got[0].Skipped != 3 || got[1].Lost {
		t.Errorf("lost %v, skipped %d, then %v", got[0].Lost, got[0].Skipped, got[1].Lost)
	}
	expect(t, r.push(packet(65535), noon)) // too late
	expect(t, r.push(packet(3), noon), 3)
}

func TestAnotherStreamBeginsAnew(t *testing.T) {
	r := newReorder(videoPatience)
	r.push(packet(10), noon)
	r.push(packet(12), noon)
	got := r.push(packet(30_000), noon)
	expect(t, got, 30_000)
	if !got[0].Lost {
		t.Error("what was before is lost")
	}
	expect(t, r.push(packet(30_001), noon), 30_001)
}
