package h264

import (
	"encoding/binary"
	"errors"
	"fmt"

	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

const (
	aggregate = 24 // STAP-A
	fragment  = 28 // FU-A

	// The worst key frame of a 1080p share is under 1 MB; whoever sends more
	// with one timestamp sends no picture.
	pictureMax = 8 << 20
)

var errFragment = errors.New("h264: a fragment without its beginning or end")

// Packets collects the NAL units of one picture from its RTP payloads, given
// in order and without gaps (RFC 6184, packetization modes 0 and 1). Units
// share memory with the payloads.
type Packets struct {
	units [][]byte
	open  []byte // fragments so far, nil: none
	size  int
}

// Push takes in a payload. After an error the picture is lost.
func (p *Packets) Push(payload []byte) error {
	p.size += len(payload)
	if len(payload) == 0 || p.size > pictureMax {
		return fmt.Errorf("h264: a payload of %d bytes makes a picture of %d", len(payload), p.size)
	}
	kind := payload[0] & 0x1f
	if p.open != nil && kind != fragment {
		return errFragment
	}
	switch {
	case kind >= 1 && kind < aggregate:
		p.units = append(p.units, payload)
		return nil
	case kind == aggregate:
		return p.aggregate(payload[1:])
	case kind == fragment:
		return p.fragment(payload)
	default:
		return fmt.Errorf("h264: packets of type %d were never agreed on", kind)
	}
}

func (p *Packets) aggregate(rest []byte) error {
	for len(rest) > 0 {
		if len(rest) < 2 {
			return fmt.Errorf("h264: a stray byte in an aggregate")
		}
		size := int(binary.BigEndian.Uint16(rest))
		rest = rest[2:]
		if size > len(rest) {
			return fmt.Errorf("h264: a NAL unit of %d bytes in %d of an aggregate", size, len(rest))
		}
		if size > 0 {
			p.units = append(p.units, rest[:size])
		}
		rest = rest[size:]
	}
	return nil
}

func (p *Packets) fragment(payload []byte) error {
	if len(payload) < 2 {
		return errFragment
	}
	starts, ends := payload[1]&0x80 != 0, payload[1]&0x40 != 0
	if starts != (p.open == nil) {
		return errFragment
	}
	if starts {
		p.open = []byte{payload[0]&0xe0 | payload[1]&0x1f}
	}
	p.open = append(p.open, payload[2:]...)
	if ends {
		p.units = append(p.units, p.open)
		p.open = nil
	}
	return nil
}

// Units of the picture.
func (p *Packets) Units() ([][]byte, error) {
	if p.open != nil {
		return nil, errFragment
	}
	return p.units, nil
}

// Begins says that a picture begins with this payload for certain, so that
// what was lost before it was not of this picture. A key frame's slice does
// not tell: parameter sets may have been lost with what was before.
func Begins(payload []byte) bool {
	if len(payload) == 0 {
		return false
	}
	switch kind := payload[0] & 0x1f; {
	case kind == aggregate && len(payload) > 3:
		return begins(payload[3:])
	case kind == fragment && len(payload) > 2:
		return payload[1]&0x80 != 0 && begins(append([]byte{payload[1] & 0x1f}, payload[2:min(len(payload), 3)]...))
	default:
		return begins(payload)
	}
}

func begins(nalu []byte) bool {
	switch codec.NALUType(nalu[0] & 0x1f) {
	case codec.NALUTypeSPS, codec.NALUTypeAccessUnitDelimiter:
		return true
	case codec.NALUTypeNonIDR:
		return len(nalu) > 1 && nalu[1]&0x80 != 0 // first_mb_in_slice is 0
	default:
		return false
	}
}
