package mix

import (
	"bytes"
	"log/slog"
)

// silentFrame is an AAC-LC stereo frame of silence: it stands for what could
// not be encoded, so that sound never has a hole.
var silentFrame = []byte{0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c}

// Encoder makes every block an AAC frame. It belongs to one goroutine.
type Encoder struct {
	log    *slog.Logger
	frames func([]byte)
	open   func() (coder, error)

	coder  coder // nil: the last one failed
	primed bool
	held   int // blocks without their frame
	out    [frameMax]byte
}

// NewEncoder gives frames in order, one for every block, two blocks later.
// Who is done with it closes it.
func NewEncoder(log *slog.Logger, frames func([]byte)) (*Encoder, error) {
	coder, err := openAVCodec()
	return &Encoder{log: log, frames: frames, open: openAVCodec, coder: coder}, err
}

// Write takes in a block of the mixer. What a coder that fails has taken is
// made up for by silence, and the next block begins with another.
func (e *Encoder) Write(block []byte) {
	e.held++
	size, err := e.encode(block)
	switch {
	case err != nil:
		e.log.Warn("sound encoder replaced", "error", err)
		e.Close()
		for ; e.held > 0; e.held-- {
			e.frames(silentFrame)
		}
	case size > 0 && !e.primed:
		// The first is the coder's priming: its sound comes out of a decoder as
		// the block before the first. Every frame after it stands for the block of
		// its number.
		e.primed = true
	case size > 0:
		e.held--
		e.frames(bytes.Clone(e.out[:size]))
	}
}

func (e *Encoder) encode(block []byte) (int, error) {
	if e.coder == nil {
		next, err := e.open()
		if err != nil {
			return 0, err
		}
		e.coder, e.primed = next, false
	}
	return e.coder.encode(block, &e.out)
}

// Close frees what is outside of Go's memory. What was held is lost.
func (e *Encoder) Close() {
	if e.coder != nil {
		e.coder.close()
		e.coder = nil
	}
}
