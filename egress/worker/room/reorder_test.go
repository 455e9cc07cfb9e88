package room

import (
	"math/rand/v2"
	"slices"
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
	expect(t, r.push(packet(30_000), noon))
	got := r.push(packet(30_001), noon)
	expect(t, got, 30_000, 30_001)
	if !got[0].Lost || got[1].Lost {
		t.Error("what was before is lost, and nothing else")
	}
	expect(t, r.push(packet(30_002), noon), 30_002)
}

func TestAStrayIsNoNewStream(t *testing.T) {
	r := newReorder(videoPatience)
	expect(t, r.push(packet(10), noon), 10)
	expect(t, r.push(packet(60_000), noon))
	expect(t, r.push(packet(11), noon), 11)
	expect(t, r.push(packet(60_001), noon))
	expect(t, r.push(packet(12), noon), 12)
}

func TestEveryPacketIsDeliveredOnceAndInOrderHoweverTheyCome(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		r := newReorder(videoPatience)
		now, start := noon, uint16(random.Uint32())
		type coming struct {
			sequence uint16
			at       time.Duration
		}
		var all []coming
		lost := 0
		for n := range 2000 {
			sent := time.Duration(n) * 5 * time.Millisecond
			if n > 0 && random.IntN(20) == 0 {
				lost++
				continue
			}
			for range 1 + random.IntN(10)/9 {
				late := time.Duration(0)
				if n > 0 {
					late = time.Duration(random.IntN(60)) * time.Millisecond
				}
				all = append(all, coming{start + uint16(n), sent + late})
			}
		}
		slices.SortStableFunc(all, func(a, b coming) int { return int(a.at - b.at) })
		var got []arrived
		for _, c := range all {
			now = noon.Add(c.at)
			got = append(got, r.push(packet(c.sequence), now)...)
			got = append(got, r.due(now)...)
		}
		got = append(got, r.due(now.Add(videoPatience))...)
		skipped := 0
		for i, p := range got {
			if i > 0 && int16(p.SequenceNumber-got[i-1].SequenceNumber) <= 0 {
				t.Fatalf("seed %d: %d after %d", seed, p.SequenceNumber, got[i-1].SequenceNumber)
			}
			if i > 0 && p.Lost != (p.SequenceNumber != got[i-1].SequenceNumber+1) {
				t.Fatalf("seed %d: %d after %d, lost: %v", seed, p.SequenceNumber, got[i-1].SequenceNumber, p.Lost)
			}
			skipped += p.Skipped
		}
		if len(got)+skipped != 2000 && got[len(got)-1].SequenceNumber == start+1999 {
			t.Fatalf("seed %d: %d delivered, %d skipped", seed, len(got), skipped)
		}
		if len(got) < 2000-lost {
			t.Fatalf("seed %d: %d of %d delivered", seed, len(got), 2000-lost)
		}
	}
}
