// Package h264 reads what a pass-through needs of H.264 (ITU-T Rec. H.264):
// parameter sets, key frames, and how to repeat the last picture.
package h264

import (
	"bytes"
	"encoding/binary"
	"fmt"

	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// LiveKit injects pictures of 2x2 pixels when a track goes silent: nothing
// that small is a picture of a class.
const fillerPixels = 16

// Format is what a decoder has to be told before a picture.
type Format struct {
	SPS, PPS      []byte
	Width, Height int
}

func (f *Format) Equal(o *Format) bool {
	if f == nil || o == nil {
		return f == o
	}
	return bytes.Equal(f.SPS, o.SPS) && bytes.Equal(f.PPS, o.PPS)
}

// Filler says that the format is that of an injected picture.
func (f *Format) Filler() bool { return f.Width <= fillerPixels || f.Height <= fillerPixels }

// Codec is the RFC 6381 name.
func (f *Format) Codec() string {
	return fmt.Sprintf("avc1.%02x%02x%02x", f.SPS[1], f.SPS[2], f.SPS[3])
}

// ParseFormat trusts the SPS, never the signalling.
func ParseFormat(sps, pps []byte) (*Format, error) {
	if len(sps) < 4 || len(pps) < 2 {
		return nil, fmt.Errorf("h264: parameter sets of %d and %d bytes", len(sps), len(pps))
	}
	var parsed codec.SPS
	if err := parsed.Unmarshal(sps); err != nil {
		return nil, fmt.Errorf("h264: SPS: %w", err)
	}
	return &Format{
		SPS: bytes.Clone(sps), PPS: bytes.Clone(pps),
		Width: parsed.Width(), Height: parsed.Height(),
	}, nil
}

// AccessUnit is one picture: NAL units without parameter sets, delimiters and
// padding.
type AccessUnit struct {
	Units    [][]byte
	SPS, PPS []byte
	Key      bool
}

// SplitAVCC takes apart NAL units with four-byte lengths.
func SplitAVCC(data []byte) (AccessUnit, error) {
	var unit AccessUnit
	for len(data) > 0 {
		if len(data) < 4 {
			return unit, fmt.Errorf("h264: %d stray bytes", len(data))
		}
		size := int(binary.BigEndian.Uint32(data))
		data = data[4:]
		if size > len(data) {
			return unit, fmt.Errorf("h264: NAL unit of %d bytes in %d", size, len(data))
		}
		nalu := data[:size]
		data = data[size:]
		if len(nalu) == 0 {
			continue
		}
		switch codec.NALUType(nalu[0] & 0x1f) {
		case codec.NALUTypeSPS:
			unit.SPS = nalu
		case codec.NALUTypePPS:
			unit.PPS = nalu
		case codec.NALUTypeAccessUnitDelimiter, codec.NALUTypeFillerData,
			codec.NALUTypeEndOfSequence, codec.NALUTypeEndOfStream:
		case codec.NALUTypeIDR:
			unit.Key = true
			unit.Units = append(unit.Units, nalu)
		default:
			unit.Units = append(unit.Units, nalu)
		}
	}
	return unit, nil
}

// Picture says that there is at least one slice.
func (a AccessUnit) Picture() bool {
	for _, nalu := range a.Units {
		if t := codec.NALUType(nalu[0] & 0x1f); t >= codec.NALUTypeNonIDR && t <= codec.NALUTypeIDR {
			return true
		}
	}
	return false
}

// Sample is the payload of an fMP4 sample.
func (a AccessUnit) Sample() []byte {
	size := 0
	for _, nalu := range a.Units {
		size += 4 + len(nalu)
	}
	out := make([]byte, 0, size)
	for _, nalu := range a.Units {
		out = binary.BigEndian.AppendUint32(out, uint32(len(nalu)))
		out = append(out, nalu...)
	}
	return out
}
