package h264

import (
	"encoding/binary"
	"fmt"

	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// AccessUnit is one picture: NAL units without parameter sets, delimiters and
// padding.
type AccessUnit struct {
	Units    [][]byte
	SPS, PPS []byte
	Key      bool
	// Beyond says what a pass-through cannot carry: empty, or a reason.
	Beyond string
}

const (
	beyondReordered = "B-frames"
	beyondSets      = "several parameter sets"
)

// NewAccessUnit sorts the NAL units of a picture.
func NewAccessUnit(nalus [][]byte) AccessUnit {
	var unit AccessUnit
	for _, nalu := range nalus {
		if len(nalu) == 0 {
			continue
		}
		switch kind := codec.NALUType(nalu[0] & 0x1f); kind {
		case codec.NALUTypeSPS:
			unit.SPS = unit.set(unit.SPS, nalu, spsID)
		case codec.NALUTypePPS:
			unit.PPS = unit.set(unit.PPS, nalu, 1)
		case codec.NALUTypeAccessUnitDelimiter, codec.NALUTypeFillerData,
			codec.NALUTypeEndOfSequence, codec.NALUTypeEndOfStream:
		default:
			unit.Key = unit.Key || kind == codec.NALUTypeIDR
			if (kind == codec.NALUTypeNonIDR || kind == codec.NALUTypeDataPartitionA) && bidirectional(nalu) {
				unit.Beyond = beyondReordered
			}
			unit.Units = append(unit.Units, nalu)
		}
	}
	return unit
}

// spsID is where the id of an SPS begins: after the profile, constraints and
// level.
const spsID = 4

// set gives the newer parameter set. An init segment holds one of each kind.
func (a *AccessUnit) set(before, nalu []byte, id int) []byte {
	if before != nil && setID(before, id) != setID(nalu, id) {
		a.Beyond = beyondSets
	}
	return nalu
}

func setID(nalu []byte, at int) uint32 {
	if len(nalu) <= at {
		return 0
	}
	return (&bitReader{data: nalu[at:]}).ue()
}

// headerBytes hold the beginning of any slice header, up to frame_num.
const headerBytes = 16

// bidirectional: a B slice, which is decoded after a picture that is shown
// after it.
func bidirectional(nalu []byte) bool {
	b := &bitReader{data: codec.EmulationPreventionRemove(nalu[1:min(len(nalu), headerBytes)])}
	b.ue() // first_mb_in_slice
	kind := b.ue()
	const sliceB, sliceKinds = 1, 5
	return b.err == nil && kind%sliceKinds == sliceB
}

// SplitAVCC takes apart NAL units with four-byte lengths.
func SplitAVCC(data []byte) (AccessUnit, error) {
	var nalus [][]byte
	for len(data) > 0 {
		if len(data) < 4 {
			return AccessUnit{}, fmt.Errorf("h264: %d stray bytes", len(data))
		}
		size := int(binary.BigEndian.Uint32(data))
		data = data[4:]
		if size > len(data) {
			return AccessUnit{}, fmt.Errorf("h264: NAL unit of %d bytes in %d", size, len(data))
		}
		nalus = append(nalus, data[:size])
		data = data[size:]
	}
	return NewAccessUnit(nalus), nil
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

// SplitAnnexB takes apart NAL units between start codes. What is none gives
// none.
func SplitAnnexB(data []byte) AccessUnit {
	var nalus codec.AnnexB
	if nalus.Unmarshal(data) != nil {
		return AccessUnit{}
	}
	return NewAccessUnit(nalus)
}
