package mix

import (
	"bufio"
	"errors"
	"io"
)

var errADTS = errors.New("mix: no ADTS frame")

const (
	adtsHeader    = 7
	adtsHeaderCRC = 9
)

// readADTS gives the payload of the next frame (ISO/IEC 13818-7, 6.2).
func readADTS(r *bufio.Reader) ([]byte, error) {
	header, err := r.Peek(adtsHeader)
	if err != nil {
		return nil, err
	}
	if header[0] != 0xff || header[1]&0xf6 != 0xf0 {
		return nil, errADTS
	}
	skip := adtsHeader
	if header[1]&1 == 0 {
		skip = adtsHeaderCRC
	}
	size := int(header[3]&3)<<11 | int(header[4])<<3 | int(header[5])>>5
	if size < skip {
		return nil, errADTS
	}
	frame := make([]byte, size)
	if _, err := io.ReadFull(r, frame); err != nil {
		return nil, err
	}
	return frame[skip:], nil
}
