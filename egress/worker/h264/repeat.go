package h264

import (
	codec "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// Repeater makes pictures that say "the same again": P slices of which every
// macroblock is skipped, not used for reference, so that the true pictures
// that follow are decoded as if they were not there. A still screen share
// sends one frame a second; without repeats no part could end in between.
//
// It serves what WebRTC sends (baseline: CAVLC, frames only) and declines
// everything else.
type Repeater struct {
	sps       codec.SPS
	pps       pictureParameters
	able      bool
	frameNum  uint32
	pocLsb    uint32
	reference bool
	seen      bool
}

type pictureParameters struct {
	id               uint32
	bottomFieldOrder bool
	deblocking       bool
	redundant        bool
}

// SetFormat begins anew with the parameter sets of a key frame.
func (r *Repeater) SetFormat(f *Format) {
	*r = Repeater{}
	if r.sps.Unmarshal(f.SPS) != nil || !r.sps.FrameMbsOnlyFlag || r.sps.SeparateColourPlaneFlag || r.sps.PicOrderCntType == 1 {
		return
	}
	r.able = r.pps.parse(f.PPS)
}

func (p *pictureParameters) parse(nalu []byte) bool {
	b := &bitReader{data: codec.EmulationPreventionRemove(nalu[1:])}
	p.id = b.ue()
	b.ue() // seq_parameter_set_id
	cabac := b.flag()
	p.bottomFieldOrder = b.flag()
	groups := b.ue()
	if groups > 0 {
		return false
	}
	b.ue() // num_ref_idx_l0_default_active_minus1
	b.ue()
	weighted := b.flag()
	b.bits(2)
	b.ue() // pic_init_qp, pic_init_qs, chroma offset: signed, same length
	b.ue()
	b.ue()
	p.deblocking = b.flag()
	b.bit() // constrained_intra_pred
	p.redundant = b.flag()
	return b.err == nil && !cabac && !weighted
}

// See notes a true picture.
func (r *Repeater) See(a AccessUnit) {
	if !r.able {
		return
	}
	for _, nalu := range a.Units {
		kind := codec.NALUType(nalu[0] & 0x1f)
		if kind != codec.NALUTypeNonIDR && kind != codec.NALUTypeIDR {
			continue
		}
		// The header is in the first 64 bytes by far.
		b := &bitReader{data: codec.EmulationPreventionRemove(nalu[1:min(len(nalu), 64)])}
		b.ue() // first_mb_in_slice
		b.ue() // slice_type
		b.ue() // pic_parameter_set_id
		frameNum := b.bits(int(r.sps.Log2MaxFrameNumMinus4) + 4)
		if kind == codec.NALUTypeIDR {
			b.ue() // idr_pic_id
		}
		if r.sps.PicOrderCntType == 0 {
			r.pocLsb = b.bits(int(r.sps.Log2MaxPicOrderCntLsbMinus4) + 4)
		}
		r.seen = b.err == nil
		r.frameNum, r.reference = frameNum, nalu[0]&0x60 != 0
		return
	}
}

// Repeat gives the sample that repeats the last picture, nil if it cannot.
func (r *Repeater) Repeat() []byte {
	if !r.able || !r.seen {
		return nil
	}
	frameNumBits := int(r.sps.Log2MaxFrameNumMinus4) + 4
	frameNum := r.frameNum
	if r.reference {
		frameNum = (frameNum + 1) & (1<<frameNumBits - 1)
	}
	w := &bitWriter{}
	w.ue(0) // first_mb_in_slice
	w.ue(5) // slice_type: P, all slices of the picture
	w.ue(r.pps.id)
	w.bits(frameNum, frameNumBits)
	if r.sps.PicOrderCntType == 0 {
		bits := int(r.sps.Log2MaxPicOrderCntLsbMinus4) + 4
		w.bits((r.pocLsb+1)&(1<<bits-1), bits)
		if r.pps.bottomFieldOrder {
			w.ue(0)
		}
	}
	if r.pps.redundant {
		w.ue(0)
	}
	w.bits(1, 1) // num_ref_idx_active_override_flag
	w.ue(0)      // one reference: the last
	w.bits(0, 1) // ref_pic_list_modification_flag_l0
	w.ue(0)      // slice_qp_delta
	if r.pps.deblocking {
		w.ue(1) // disable_deblocking_filter_idc
	}
	w.ue((r.sps.PicWidthInMbsMinus1 + 1) * (r.sps.PicHeightInMapUnitsMinus1 + 1)) // mb_skip_run
	w.trail()
	const unreferencedSlice = 0x01
	unit := AccessUnit{Units: [][]byte{append([]byte{unreferencedSlice}, protect(w.data)...)}}
	return unit.Sample()
}
