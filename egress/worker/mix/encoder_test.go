package mix

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"
)

// encoded sends blocks through an encoder whose children are made by `child`,
// at ten times the speed of life, until a frame came back for each.
func encoded(t *testing.T, blocks int, child func(ctx context.Context, n int) *exec.Cmd) [][]byte {
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
		for range blocks + 4 { // what an encoder still holds
			e.Write(ctx, noise())
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
