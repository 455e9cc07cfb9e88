package transcode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"amphi/worker/h264"
)

// Pictures go to ffmpeg as IVF and come back as FLV: the simplest containers
// that keep a time with each, in milliseconds.

func ivfHeader(fourCC string, width, height int) []byte {
	const headerSize, perSecond = 32, 1000
	b := append([]byte("DKIF"), 0, 0, headerSize, 0)
	b = append(b, fourCC...)
	b = binary.LittleEndian.AppendUint16(b, uint16(width))
	b = binary.LittleEndian.AppendUint16(b, uint16(height))
	b = binary.LittleEndian.AppendUint32(b, perSecond)
	b = binary.LittleEndian.AppendUint32(b, 1)
	return append(b, make([]byte, 8)...)
}

func ivfFrame(data []byte, ms int64) []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, 12+len(data)), uint32(len(data)))
	b = binary.LittleEndian.AppendUint64(b, uint64(ms))
	return append(b, data...)
}

var errFLV = errors.New("transcode: no FLV")

// encoded is one H.264 picture of the child.
type encoded struct {
	unit   h264.AccessUnit
	format *h264.Format // with key frames
	ms     int64
}

// readFLV gives the pictures of a stream until it ends (Adobe FLV 10.1, E.4).
func readFLV(from io.Reader, give func(encoded)) error {
	r := bufio.NewReader(from)
	const header = 9 + 4
	if head, err := r.Peek(header); err != nil || string(head[:3]) != "FLV" {
		return errors.Join(errFLV, err)
	}
	r.Discard(header)
	var format *h264.Format
	for {
		var tag [11]byte
		if _, err := io.ReadFull(r, tag[:]); err != nil {
			return err
		}
		size := int(tag[1])<<16 | int(tag[2])<<8 | int(tag[3])
		ms := int64(tag[7])<<24 | int64(tag[4])<<16 | int64(tag[5])<<8 | int64(tag[6])
		body := make([]byte, size+4)
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		const video = 9
		if tag[0]&0x1f != video {
			continue
		}
		unit, fresh, err := readVideo(body[:size])
		switch {
		case err != nil:
			return err
		case fresh != nil:
			format = fresh
		case unit.Picture():
			picture := encoded{unit: unit, ms: ms}
			if unit.Key {
				picture.format = format
			}
			give(picture)
		}
	}
}

// readVideo takes apart the body of a video tag: a picture, or a format.
func readVideo(body []byte) (h264.AccessUnit, *h264.Format, error) {
	const head, avc, sets, pictures = 5, 7, 0, 1
	if len(body) < head || body[0]&0xf != avc {
		return h264.AccessUnit{}, nil, fmt.Errorf("%w: a video tag of %d bytes", errFLV, len(body))
	}
	switch rest := body[head:]; body[1] {
	case sets:
		format, err := readConfiguration(rest)
		return h264.AccessUnit{}, format, err
	case pictures:
		unit, err := h264.SplitAVCC(rest)
		return unit, nil, err
	default:
		return h264.AccessUnit{}, nil, nil
	}
}

// readConfiguration: an AVCDecoderConfigurationRecord of one SPS and one PPS
// (ISO/IEC 14496-15, 5.3.3.1).
func readConfiguration(b []byte) (*h264.Format, error) {
	take := func(at int) ([]byte, int, error) {
		if len(b) < at+3 {
			return nil, 0, errFLV
		}
		size := int(binary.BigEndian.Uint16(b[at+1:]))
		if len(b) < at+3+size {
			return nil, 0, errFLV
		}
		return b[at+3 : at+3+size], at + 3 + size, nil
	}
	const counts = 5
	sps, next, err := take(counts)
	if err != nil {
		return nil, err
	}
	pps, _, err := take(next)
	if err != nil {
		return nil, err
	}
	return h264.ParseFormat(sps, pps)
}
