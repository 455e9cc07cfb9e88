package room

import (
	"time"

	"amphi/worker/h264"

	"github.com/pion/rtp/codecs"
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
	packet    codecs.H264Packet
	data      []byte
	timestamp uint32
	arrival   time.Time
	collects  bool
	broken    bool
	waiting   bool // for a key frame
	format    *h264.Format
}

func newAssemble() *assemble {
	return &assemble{packet: codecs.H264Packet{IsAVC: true}, waiting: true}
}

// Waiting says that a key frame should be asked for.
func (a *assemble) Waiting() bool { return a.waiting }

func (a *assemble) push(p arrived) *Frame {
	if p.Lost {
		a.waiting, a.broken = true, true
		a.reset()
	}
	if len(p.Payload) == 0 {
		return nil // padding, sent to probe for bandwidth
	}
	if a.collects && p.Timestamp != a.timestamp {
		// The end mark was on a packet that never came, or there is none.
		a.waiting, a.broken = true, false
		a.reset()
	}
	if !a.collects {
		if a.broken && p.Timestamp == a.timestamp {
			return nil // the rest of a picture that lost its beginning
		}
		a.collects, a.broken = true, false
		a.timestamp, a.arrival = p.Timestamp, p.At
	}
	part, err := a.packet.Unmarshal(p.Payload)
	if err != nil {
		a.waiting = true
	}
	a.data = append(a.data, part...)
	if !p.Marker {
		return nil
	}
	defer a.reset()
	return a.finish()
}

func (a *assemble) reset() {
	a.collects, a.data = false, nil
	a.packet = codecs.H264Packet{IsAVC: true}
}

func (a *assemble) finish() *Frame {
	unit, err := h264.SplitAVCC(a.data)
	if err != nil {
		a.waiting = true
		return nil
	}
	if unit.SPS != nil && unit.PPS != nil {
		format, err := h264.ParseFormat(unit.SPS, unit.PPS)
		if err != nil {
			a.waiting = true
			return nil
		}
		if format.Filler() {
			return nil // the true pictures never referred to it
		}
		a.format = format
	}
	if !unit.Picture() || unit.Key && a.format == nil {
		return nil
	}
	if a.waiting && !unit.Key {
		return nil
	}
	a.waiting = false
	frame := &Frame{Unit: unit, Timestamp: a.timestamp, Arrival: a.arrival}
	if unit.Key {
		frame.Format = a.format
	}
	return frame
}
