package room

import (
	"bytes"
	"time"

	"amphi/worker/h264"
)

// Frame is one picture of a track as it was sent.
type Frame struct {
	Unit      h264.AccessUnit
	Format    *h264.Format // with key frames
	Timestamp uint32
	Arrival   time.Time // server time of its first packet
}

// assemble makes pictures of packets in order (RFC 6184). After a loss it
// gives nothing until the next key frame.
type assemble struct {
	packets   h264.Packets
	timestamp uint32
	arrival   time.Time
	collects  bool
	gap       bool // packets are missing before the next one
	skips     bool // the rest of the picture of timestamp
	waiting   bool // for a key frame
	sps, pps  []byte
	format    *h264.Format // of the key frame the given pictures depend on
	beyond    string
}

func newAssemble() *assemble { return &assemble{waiting: true} }

// Waiting says that a key frame should be asked for.
func (a *assemble) Waiting() bool { return a.waiting }

// Beyond says why these pictures cannot be passed through, if they cannot.
func (a *assemble) Beyond() string { return a.beyond }

func (a *assemble) push(p arrived) *Frame {
	if p.Lost {
		a.lose()
		a.gap = true
	}
	if len(p.Payload) == 0 {
		return nil // padding, sent to probe for bandwidth
	}
	if a.collects && p.Timestamp != a.timestamp {
		a.lose() // LiveKit cut it off to change layers
	}
	if !a.begin(p) {
		return nil
	}
	if a.packets.Push(p.Payload) != nil {
		a.lose()
		a.skips = true
		return nil
	}
	if !p.Marker {
		return nil
	}
	a.collects = false
	units, err := a.packets.Units()
	if err != nil {
		a.lose()
		return nil
	}
	return a.finish(h264.NewAccessUnit(units))
}

// begin says whether the packet belongs to a picture that is not lost.
func (a *assemble) begin(p arrived) bool {
	if a.collects {
		return true
	}
	if a.skips && p.Timestamp == a.timestamp {
		return false
	}
	a.skips, a.timestamp = a.gap && !h264.Begins(p.Payload), p.Timestamp
	a.gap = false
	if a.skips {
		return false
	}
	a.collects, a.arrival, a.packets = true, p.At, h264.Packets{}
	return true
}

func (a *assemble) lose() { a.collects, a.waiting = false, true }

func (a *assemble) finish(unit h264.AccessUnit) *Frame {
	if filler(unit) {
		return nil // the true pictures never referred to it
	}
	if unit.Beyond != "" {
		a.beyond = unit.Beyond
		a.waiting = true
		return nil
	}
	if a.remember(unit) && !unit.Key {
		a.waiting = true // the pictures that follow need sets that come with a key frame only
	}
	switch {
	case !unit.Picture():
		return nil
	case unit.Key:
		return a.key(unit)
	case a.waiting:
		return nil
	default:
		return a.frame(unit)
	}
}

// remember keeps parameter sets, which may come apart from the key frame.
func (a *assemble) remember(unit h264.AccessUnit) (changed bool) {
	if unit.SPS != nil && !bytes.Equal(unit.SPS, a.sps) {
		a.sps, changed = bytes.Clone(unit.SPS), true
	}
	if unit.PPS != nil && !bytes.Equal(unit.PPS, a.pps) {
		a.pps, changed = bytes.Clone(unit.PPS), true
	}
	return changed
}

func (a *assemble) key(unit h264.AccessUnit) *Frame {
	if a.format == nil || !bytes.Equal(a.sps, a.format.SPS) || !bytes.Equal(a.pps, a.format.PPS) {
		format, err := h264.ParseFormat(a.sps, a.pps)
		if err != nil || !format.Playable() {
			a.waiting = true
			return nil
		}
		a.format = format
	}
	a.waiting = false
	frame := a.frame(unit)
	frame.Format = a.format
	return frame
}

func (a *assemble) frame(unit h264.AccessUnit) *Frame {
	return &Frame{Unit: unit, Timestamp: a.timestamp, Arrival: a.arrival}
}

func filler(unit h264.AccessUnit) bool {
	if unit.SPS == nil || unit.PPS == nil {
		return false
	}
	format, err := h264.ParseFormat(unit.SPS, unit.PPS)
	return err == nil && format.Filler()
}
