package h264

import "errors"

var errShort = errors.New("h264: not enough bits")

// bitReader reads an RBSP (emulation prevention already removed).
type bitReader struct {
	data []byte
	pos  int
	err  error
}

func (r *bitReader) bit() uint32 {
	if r.pos >= len(r.data)*8 {
		r.err = errShort
		return 0
	}
	b := uint32(r.data[r.pos/8]>>(7-r.pos%8)) & 1
	r.pos++
	return b
}

func (r *bitReader) flag() bool { return r.bit() == 1 }

// bits are all there, or none is read: a stranger may have said how many.
func (r *bitReader) bits(n int) uint32 {
	if r.err != nil || n > len(r.data)*8-r.pos {
		r.err = errShort
		return 0
	}
	var v uint32
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// ue is an unsigned Exp-Golomb code.
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.err == nil && r.bit() == 0 {
		zeros++
		if zeros > 31 {
			r.err = errShort
		}
	}
	if r.err != nil {
		return 0
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

type bitWriter struct {
	data []byte
	used int
}

func (w *bitWriter) bits(value uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.used%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[len(w.data)-1] |= byte(value>>i&1) << (7 - w.used%8)
		w.used++
	}
}

func (w *bitWriter) ue(value uint32) {
	length := 0
	for v := value + 1; v > 1; v >>= 1 {
		length++
	}
	w.bits(0, length)
	w.bits(value+1, length+1)
}

// trail ends an RBSP.
func (w *bitWriter) trail() {
	w.bits(1, 1)
	for w.used%8 != 0 {
		w.bits(0, 1)
	}
}

// protect adds emulation prevention.
func protect(rbsp []byte) []byte {
	out := make([]byte, 0, len(rbsp)+4)
	zeros := 0
	for _, b := range rbsp {
		if zeros >= 2 && b <= 3 {
			out = append(out, 3)
			zeros = 0
		}
		out = append(out, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}
