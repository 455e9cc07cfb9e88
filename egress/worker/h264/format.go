// Package h264 reads what a pass-through needs of H.264 (ITU-T Rec. H.264):
// packets, parameter sets, key frames, and how to repeat the last picture.
package h264

import (
	"bytes"
	"errors"
	"fmt"

	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// LiveKit injects pictures of 2x2 pixels (H.264; 8x8 of VP8) when a track goes
// silent: nothing that small is a picture of a class.
const fillerPixels = 16

// A larger picture (beyond 4K, level 5.2) is decoded by hardly any device: it
// would stop every player that is given it, and to decode it here takes 24 MB.
const sideMax = 4096

// Frame numbers and picture order counts have at most 16 bits, told less 4
// (7.4.2.1.1).
const log2MaxMinus4 = 12

var errCounters = errors.New("h264: SPS: a counter of more than 16 bits")

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

// Playable says that the devices of a class can be expected to show it.
func (f *Format) Playable() bool { return Playable(f.Width, f.Height) }

// Playable says it of a picture of any codec.
func Playable(width, height int) bool {
	return min(width, height) > fillerPixels && max(width, height) <= sideMax
}

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
	if max(parsed.Log2MaxFrameNumMinus4, parsed.Log2MaxPicOrderCntLsbMinus4) > log2MaxMinus4 {
		return nil, errCounters
	}
	return &Format{
		SPS: bytes.Clone(sps), PPS: bytes.Clone(pps),
		Width: parsed.Width(), Height: parsed.Height(),
	}, nil
}
