package mix

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"
)

// encoded sends blocks through an encoder whose children are made by `child`,
// at ten times the speed of life, until a frame came back for each.
func encoded(t *testing.T, blocks int, child func(ctx context.Context, n int) *exec.Cmd) [][]byte {
	t.Helper()
	return encodedOf(t, blocks, func(int) []byte { return noise() }, child)
}

func encodedOf(t *testing.T, blocks int, sound func(block int) []byte, child func(ctx context.Context, n int) *exec.Cmd) [][]byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	frames := make(chan []byte, blocks+10)
	e := NewEncoder(slog.New(slog.NewTextHandler(io.Discard, nil)), func(f []byte) { frames <- f })
	started := 0
	own := e.command
	e.command = func(ctx context.Context) *exec.Cmd {
		started++
		if cmd := child(ctx, started); cmd != nil {
			return cmd
		}
		return own(ctx)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); e.Run(ctx) }()
	var all [][]byte
	go func() {
		for n := range blocks + 4 { // what an encoder still holds
			e.Write(ctx, sound(n))
			time.Sleep(BlockFrames * time.Second / SampleHz / 10)
		}
	}()
	for len(all) < blocks {
		select {
		case f := <-frames:
			all = append(all, f)
		case <-ctx.Done():
			t.Fatalf("%d frames of %d came", len(all), blocks)
		}
	}
	cancel()
	<-ended
	return all
}

// noise is no silence.
func noise() []byte {
	block := make([]byte, BlockFrames*Channels*2)
	for i := range block {
		block[i] = byte(rand.IntN(16))
	}
	return block
}

func silences(frames [][]byte) (count int) {
	for _, f := range frames {
		if string(f) == string(silentFrame) {
			count++
		}
	}
	return count
}

func TestEveryBlockIsAFrame(t *testing.T) {
	encoded(t, 100, func(context.Context, int) *exec.Cmd { return nil })
}

func TestAChildThatDiesLeavesSilenceAndNoHole(t *testing.T) {
	frames := encoded(t, 200, func(ctx context.Context, n int) *exec.Cmd {
		if n > 2 {
			return nil
		}
		// Ends by itself after 50 blocks, which it answers but for a few.
		return exec.CommandContext(ctx, "sh", "-c", "head -c 204800 | ffmpeg -v error -f s16le -ar 48000 -ac 2 -i pipe:0 -c:a aac -flush_packets 1 -f adts pipe:1")
	})
	if n := silences(frames); n > 140 {
		t.Errorf("%d frames were made up", n)
	}
}

// loudestBlock gives the block of the loudest sample that a decoder hears.
func loudestBlock(t *testing.T, frames [][]byte) int {
	t.Helper()
	var stream bytes.Buffer
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

func TestAfterAChildDiedSoundIsWhereItBelongs(t *testing.T) {
	const knock = 160
	sound := func(n int) []byte {
		block := make([]byte, BlockFrames*Channels*2)
		if n == knock {
			for i := range BlockFrames {
				s := int16(20_000 * math.Sin(float64(i)/8) * math.Sin(math.Pi*float64(i)/BlockFrames))
				for c := range Channels {
					block[(i*Channels+c)*2], block[(i*Channels+c)*2+1] = byte(s), byte(s>>8)
				}
			}
		}
		return block
	}
	for name, mortal := range map[string]int{"none": 0, "one": 1, "two": 2} {
		frames := encodedOf(t, 220, sound, func(ctx context.Context, n int) *exec.Cmd {
			if n > mortal {
				return nil
			}
			return exec.CommandContext(ctx, "sh", "-c", "head -c 204800 | ffmpeg -v error -f s16le -ar 48000 -ac 2 -i pipe:0 -c:a aac -flush_packets 1 -f adts pipe:1")
		})
		if at := loudestBlock(t, frames); at != knock {
			t.Errorf("%s died: what belongs in block %d is in %d", name, knock, at)
		}
	}
}

func TestAChildThatHangsIsReplaced(t *testing.T) {
	frames := encoded(t, 150, func(ctx context.Context, n int) *exec.Cmd {
		if n == 1 {
			return exec.CommandContext(ctx, "sh", "-c", "exec sleep 60")
		}
		return nil
	})
	if n := silences(frames); n == 0 {
		t.Error("what it took was not made up for")
	}
}

func TestAChildThatTalksNonsenseIsReplaced(t *testing.T) {
	frames := encoded(t, 60, func(ctx context.Context, n int) *exec.Cmd {
		if n == 1 {
			return exec.CommandContext(ctx, "sh", "-c", "head -c 4096 /dev/zero; exec cat >/dev/null")
		}
		return nil
	})
	if len(frames) != 60 {
		t.Errorf("%d frames", len(frames))
	}
}
