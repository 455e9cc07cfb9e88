// Package transcode makes H.264 of pictures that are something else, by an
// ffmpeg child: decode, encode, as soon as each picture is there.
package transcode

import (
	"strings"

	"amphi/worker/h264"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/vp9"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
)

// codec is what is to be known of a codec: how its packets make a picture, and
// what a picture says of itself.
type codec struct {
	fourCC string
	// open gives a function that takes the payloads of one picture in order.
	open func() func(payload []byte) ([]byte, error)
	// key says whether a picture needs no other, and its size.
	key func(picture []byte) (key bool, width, height int)
}

var known = map[string]codec{
	strings.ToLower(webrtc.MimeTypeVP8): {"VP80", openVP8, keyVP8},
	strings.ToLower(webrtc.MimeTypeVP9): {"VP90", openVP9, keyVP9},
	strings.ToLower(webrtc.MimeTypeAV1): {"AV01", openAV1, keyAV1},
	// For what a pass-through cannot carry: B-frames.
	strings.ToLower(webrtc.MimeTypeH264): {"H264", openH264, keyH264},
}

// Takes says whether pictures of this type can be made H.264.
func Takes(mimeType string) bool {
	_, ok := known[strings.ToLower(mimeType)]
	return ok
}

func openVP8() func([]byte) ([]byte, error) {
	return func(payload []byte) ([]byte, error) { return (&codecs.VP8Packet{}).Unmarshal(payload) }
}

// keyVP8: RFC 6386, 9.1.
func keyVP8(p []byte) (bool, int, int) {
	if len(p) < 10 || p[0]&1 != 0 || p[3] != 0x9d || p[4] != 0x01 || p[5] != 0x2a {
		return false, 0, 0
	}
	return true, int(p[6]) | int(p[7]&0x3f)<<8, int(p[8]) | int(p[9]&0x3f)<<8
}

// openVP9 keeps the lowest spatial layer, which can be decoded alone: ffmpeg
// knows no others.
func openVP9() func([]byte) ([]byte, error) {
	return func(payload []byte) ([]byte, error) {
		var packet codecs.VP9Packet
		data, err := packet.Unmarshal(payload)
		if packet.SID > 0 {
			return nil, err
		}
		return data, err
	}
}

func keyVP9(p []byte) (bool, int, int) {
	var header vp9.Header
	if header.Unmarshal(p) != nil || header.NonKeyFrame {
		return false, 0, 0
	}
	return true, header.Width(), header.Height()
}

func openAV1() func([]byte) ([]byte, error) {
	depacketizer := &codecs.AV1Depacketizer{}
	return depacketizer.Unmarshal
}

// keyAV1: WebRTC sends the sequence header with key frames, and only with them.
func keyAV1(p []byte) (bool, int, int) {
	var units av1.Bitstream
	if units.Unmarshal(p) != nil {
		return false, 0, 0
	}
	for _, unit := range units {
		var header av1.SequenceHeader
		if len(unit) > 0 && av1.OBUType(unit[0]>>3&0xf) == av1.OBUTypeSequenceHeader && header.Unmarshal(unit) == nil {
			return true, header.Width(), header.Height()
		}
	}
	return false, 0, 0
}

func openH264() func([]byte) ([]byte, error) {
	packet := &codecs.H264Packet{}
	return packet.Unmarshal
}

func keyH264(p []byte) (bool, int, int) {
	unit := h264.SplitAnnexB(p)
	format, err := h264.ParseFormat(unit.SPS, unit.PPS)
	if !unit.Key || err != nil {
		return false, 0, 0
	}
	return true, format.Width, format.Height
}
