package mix

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"sync"
	"time"
)

const (
	// An hour of sound alone is to stay under 40 MB, playlists included.
	bitrate = "64k"
	// The encoder holds two frames; two seconds unanswered is a child that
	// hangs, not one that was not scheduled.
	encoderPatience = 2 * time.Second
	encoderQueue    = 192 // 4 s of blocks
)

// silentFrame is an AAC-LC stereo frame of silence: it fills what a dead
// encoder left out, so that sound never has a hole.
var silentFrame = []byte{0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c}

// Encoder keeps one ffmpeg child that makes every block an AAC frame. A child
// that dies or hangs is replaced; its missing frames are silence.
type Encoder struct {
	log    *slog.Logger
	blocks chan []byte
	frames func([]byte)

	command func(context.Context) *exec.Cmd
}

// NewEncoder gives frames in order, one for every block.
func NewEncoder(log *slog.Logger, frames func([]byte)) *Encoder {
	return &Encoder{log: log, blocks: make(chan []byte, encoderQueue), frames: frames, command: ffmpeg}
}

func ffmpeg(ctx context.Context) *exec.Cmd {
	// Not "-fflags nobuffer": it drops the block that was read for analysis.
	return exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin",
		"-probesize", "32", "-analyzeduration", "0",
		"-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0",
		"-c:a", "aac", "-profile:a", "aac_low", "-b:a", bitrate, "-threads", "1",
		"-flush_packets", "1", "-f", "adts", "pipe:1")
}

// Write never blocks the mixer for longer than the queue is full.
func (e *Encoder) Write(ctx context.Context, block []byte) {
	select {
	case e.blocks <- block:
	case <-ctx.Done():
	}
}

// Run until ctx ends.
func (e *Encoder) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := e.child(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("sound encoder replaced", "error", err)
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}
}

func (e *Encoder) child(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := e.command(ctx)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("ffmpeg: %w", err)
	}
	defer cmd.Wait()
	defer cancel()

	tally := &tally{}
	read := make(chan error, 1)
	go func() { read <- e.read(stdout, tally) }()
	go tally.watch(ctx, cancel)
	// Whatever was written and never came back is made up for by silence.
	defer func() {
		cancel()
		stdin.Close()
		<-read
		for range tally.missing() {
			e.frames(silentFrame)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-read:
			read <- err
			return fmt.Errorf("ffmpeg ended: %w", err)
		case block := <-e.blocks:
			tally.wrote()
			if _, err := stdin.Write(block); err != nil {
				return fmt.Errorf("ffmpeg takes no more: %w", err)
			}
		}
	}
}

// read passes on frames. The first is the encoder's priming: its sound comes
// out of a decoder as the block before the first, so it is left out, and every
// frame after it stands for the block of its number.
func (e *Encoder) read(from io.Reader, tally *tally) error {
	reader := bufio.NewReader(from)
	for first := true; ; first = false {
		frame, err := readADTS(reader)
		if err != nil {
			return err
		}
		if first {
			continue
		}
		tally.answered()
		e.frames(frame)
	}
}

type tally struct {
	mu      sync.Mutex
	written int
	given   int
	moved   time.Time
}

func (t *tally) wrote() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.written == 0 {
		t.moved = time.Now()
	}
	t.written++
}

func (t *tally) answered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.given++
	t.moved = time.Now()
}

func (t *tally) missing() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.written-t.given)
}

// watch ends a child that hangs: nothing came back for what was written.
func (t *tally) watch(ctx context.Context, end context.CancelFunc) {
	ticker := time.NewTicker(encoderPatience / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		t.mu.Lock()
		hangs := t.written > 0 && time.Since(t.moved) > encoderPatience
		t.mu.Unlock()
		if hangs {
			end()
		}
	}
}
