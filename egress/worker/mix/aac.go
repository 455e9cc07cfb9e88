package mix

// #cgo pkg-config: libavcodec libavutil
// #include "aac.h"
import "C"

import (
	"errors"
	"unsafe"
)

const (
	// An hour of sound alone is to stay under 40 MB, playlists included.
	bitsPerSecond = 64_000
	// 6144 bits a channel (ISO/IEC 13818-7, 8.2.2): no frame is larger.
	frameMax = Channels * 6144 / 8
)

var (
	errNoEncoder = errors.New("mix: libavcodec opens no AAC encoder")
	errEncode    = errors.New("mix: a block could not be encoded")
)

// coder makes blocks AAC frames, later.
type coder interface {
	// encode gives the size of the frame in `out`, 0 if none came yet.
	encode(block []byte, out *[frameMax]byte) (int, error)
	close()
}

// avcodec is libavcodec's encoder in this process: a child a class would cost
// three times the time and 47 MiB.
type avcodec struct{ of *C.aac }

func openAVCodec() (coder, error) {
	of := C.aac_open(SampleHz, bitsPerSecond)
	if of == nil {
		return nil, errNoEncoder
	}
	return avcodec{of}, nil
}

func (a avcodec) encode(block []byte, out *[frameMax]byte) (int, error) {
	pcm := (*[BlockFrames * Channels * 2]byte)(block) // no less than C reads
	size := C.aac_encode(a.of, (*C.int16_t)(unsafe.Pointer(pcm)), (*C.uint8_t)(unsafe.Pointer(out)), frameMax)
	if size < 0 {
		return 0, errEncode
	}
	return int(size), nil
}

func (a avcodec) close() { C.aac_close(a.of) }
