package room

import (
	"time"

	"github.com/pion/rtp"
)

const (
	// A jump of sequence numbers beyond this is a new stream, not loss, if the
	// next packet goes on from there (RFC 3550, A.1); alone it is a stray.
	sequenceJump = 3000
	// Lost video is asked for again (NACK) at once; several round trips fit in.
	videoPatience = 600 * time.Millisecond
	// Sound does not wait longer than the mixer does.
	soundPatience = 60 * time.Millisecond
)

// arrived is a packet with the server time of its arrival. Lost says that
// packets before it were given up, Skipped how many.
type arrived struct {
	*rtp.Packet
	At      time.Time
	Lost    bool
	Skipped int
}

// reorder delivers packets in order: at once when nothing is missing, else
// when the gap is filled or has been waited for long enough.
type reorder struct {
	patience time.Duration
	started  bool
	next     uint16
	stray    *arrived
	held     map[uint16]arrived
}

func newReorder(patience time.Duration) *reorder {
	return &reorder{patience: patience, held: map[uint16]arrived{}}
}

// push takes in a packet and gives what can be delivered.
func (r *reorder) push(packet *rtp.Packet, at time.Time) []arrived {
	sequence := packet.SequenceNumber
	if !r.started {
		r.started, r.next = true, sequence
	}
	ahead := int16(sequence - r.next)
	if ahead > sequenceJump || ahead < -sequenceJump {
		return r.jump(arrived{Packet: packet, At: at})
	}
	r.stray = nil
	if ahead < 0 {
		return nil // given up, or twice
	}
	r.held[sequence] = arrived{Packet: packet, At: at}
	return r.run(nil)
}

// jump begins anew with the second packet that is elsewhere.
func (r *reorder) jump(p arrived) []arrived {
	first := r.stray
	r.stray = &p
	if first == nil || p.SequenceNumber != first.SequenceNumber+1 {
		return nil
	}
	clear(r.held)
	r.stray, r.next = nil, p.SequenceNumber+1
	first.Lost = true
	return []arrived{*first, p}
}

// due gives up gaps that were waited for long enough.
func (r *reorder) due(now time.Time) []arrived {
	var out []arrived
	for len(r.held) > 0 {
		first, oldest := r.first(), now
		for _, p := range r.held {
			if p.At.Before(oldest) {
				oldest = p.At
			}
		}
		if now.Sub(oldest) < r.patience {
			return out
		}
		packet := r.held[first]
		packet.Lost, packet.Skipped = true, int(first-r.next)
		r.held[first] = packet
		r.next = first
		out = r.run(out)
	}
	return out
}

func (r *reorder) first() uint16 {
	best, found := uint16(0), false
	for sequence := range r.held {
		if !found || int16(sequence-best) < 0 {
			best, found = sequence, true
		}
	}
	return best
}

func (r *reorder) run(out []arrived) []arrived {
	for {
		packet, ok := r.held[r.next]
		if !ok {
			return out
		}
		delete(r.held, r.next)
		r.next++
		out = append(out, packet)
	}
}
