package h264

import (
	_ "embed"
	"fmt"

	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// slate.h264 is two dark key frames of 320x180, constrained baseline, which
// differ in idr_pic_id as neighbouring key frames must (7.4.3). Made by:
//
//	ffmpeg -f lavfi -i color=c=0x16181d:s=320x180:r=5 -frames:v 2 -c:v libx264
//	  -profile:v baseline -level 1.2 -pix_fmt yuv420p -x264-params keyint=1
//	  -bsf:v filter_units=remove_types=6 -f h264 slate.h264
//
//go:embed slate.h264
var slateStream []byte

// Slate keeps time while there is no picture.
type Slate struct {
	Format  *Format
	samples [][]byte
	next    int
}

func NewSlate() (*Slate, error) {
	var units codec.AnnexB
	if err := units.Unmarshal(slateStream); err != nil {
		return nil, err
	}
	s := &Slate{}
	var sps, pps []byte
	for _, nalu := range units {
		switch codec.NALUType(nalu[0] & 0x1f) {
		case codec.NALUTypeSPS:
			sps = nalu
		case codec.NALUTypePPS:
			pps = nalu
		case codec.NALUTypeIDR:
			s.samples = append(s.samples, AccessUnit{Units: [][]byte{nalu}}.Sample())
		}
	}
	if len(s.samples) < 2 {
		return nil, fmt.Errorf("h264: the slate has %d pictures", len(s.samples))
	}
	var err error
	s.Format, err = ParseFormat(sps, pps)
	return s, err
}

// Sample is the next key frame.
func (s *Slate) Sample() []byte {
	sample := s.samples[s.next]
	s.next = (s.next + 1) % len(s.samples)
	return sample
}
