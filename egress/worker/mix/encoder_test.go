package mix

import (
	"bytes"
	"log/slog"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
)

// encoded sends blocks through an encoder; before(n) comes before block n.
func encoded(t *testing.T, blocks int, sound func(block int) []byte, before func(e *Encoder, n int)) (frames [][]byte) {
	t.Helper()
	e, err := NewEncoder(slog.New(slog.DiscardHandler), func(f []byte) { frames = append(frames, f) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { e.Close() }()
	for n := range blocks {
		if before != nil {
			before(e, n)
		}
		e.Write(sound(n))
		if missing := n + 1 - len(frames); missing < 0 || missing > 2 {
			t.Fatalf("%d frames for %d blocks", len(frames), n+1)
		}
	}
	return frames
}

// noise is no silence.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(uint64(n), 0))
	block := make([]byte, BlockFrames*Channels*2)
	for i := range block {
		block[i] = byte(random.IntN(256))
	}
	return block
}

// knock is silence with a sound in one block.
func knock(at int) func(int) []byte {
	return func(n int) []byte {
		block := make([]byte, BlockFrames*Channels*2)
		for i := range BlockFrames {
			s := int16(20_000 * math.Sin(float64(i)/8) * math.Sin(math.Pi*float64(i)/BlockFrames))
			for c := 0; c < Channels && n == at; c++ {
				block[(i*Channels+c)*2], block[(i*Channels+c)*2+1] = byte(s), byte(s>>8)
			}
		}
		return block
	}
}

func silences(frames [][]byte) (count int) {
	for _, f := range frames {
		if string(f) == string(silentFrame) {
			count++
		}
	}
	return count
}

// broken refuses all, as a coder does without memory.
type broken struct{}

func (broken) encode([]byte, *[frameMax]byte) (int, error) { return 0, errEncode }
func (broken) close()                                      {}

func fail(e *Encoder) {
	e.Close()
	e.coder = broken{}
}

func TestEveryBlockIsAFrame(t *testing.T) {
	frames := encoded(t, 500, noise, nil)
	if len(frames) != 498 || silences(frames) > 0 {
		t.Errorf("%d frames, %d of them made up", len(frames), silences(frames))
	}
	for i, f := range frames {
		if len(f) > frameMax {
			t.Errorf("frame %d has %d bytes", i, len(f))
		}
	}
}

func TestAnHourOfSoundIsSmall(t *testing.T) {
	size := 0
	for _, f := range encoded(t, 2000, noise, nil) {
		size += len(f)
	}
	if perHour := float64(size) / 2000 * SampleHz / BlockFrames * 3600; perHour > 34e6 {
		t.Errorf("the loudest noise takes %.1f MB an hour", perHour/1e6)
	}
}

func TestAnEncoderThatFailsLeavesSilenceAndNoHole(t *testing.T) {
	frames := encoded(t, 200, noise, func(e *Encoder, n int) {
		if n == 50 || n == 51 || n == 120 {
			fail(e)
		}
	})
	// Three blocks were held each time but the second.
	if n := silences(frames); n != 7 {
		t.Errorf("%d frames were made up", n)
	}
}

// loudestBlock gives the block of the loudest sample that a decoder hears.
func loudestBlock(t *testing.T, frames [][]byte) int {
	t.Helper()
	var stream bytes.Buffer
	const adtsHeader = 7
	for _, f := range frames {
		size := len(f) + adtsHeader
		stream.Write([]byte{0xff, 0xf1, 0x4c, 0x80 | byte(size>>11), byte(size >> 3), byte(size<<5) | 0x1f, 0xfc})
		stream.Write(f)
	}
	cmd := exec.Command("ffmpeg", "-v", "error", "-f", "aac", "-i", "pipe:0", "-f", "s16le", "-ac", "1", "pipe:1")
	cmd.Stdin = &stream
	pcm, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	most, at := 0, 0
	for i := 0; i+1 < len(pcm); i += 2 {
		if s := int(int16(pcm[i]) | int16(pcm[i+1])<<8); max(s, -s) > most {
			most, at = max(s, -s), i/2
		}
	}
	return at / BlockFrames
}

func TestSoundIsWhereItBelongsAlsoAfterAFailure(t *testing.T) {
	const block = 160
	for name, failures := range map[string][]int{"none": nil, "one": {50}, "two": {50, 100}} {
		frames := encoded(t, 220, knock(block), func(e *Encoder, n int) {
			for _, at := range failures {
				if n == at {
					fail(e)
				}
			}
		})
		if at := loudestBlock(t, frames); at != block {
			t.Errorf("%s failed: what belongs in block %d is in %d", name, block, at)
		}
	}
}
