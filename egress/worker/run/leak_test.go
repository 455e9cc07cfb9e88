package run

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"amphi/worker/h264"
	"amphi/worker/room"
)

// acted is a room with one camera in three layers, for as long as it is stayed
// in. Frames come as fast as they are taken.
type acted struct {
	options room.Options
	slate   *h264.Slate
}

func (a *acted) RequestKey(int, string) {}

func (a *acted) Lossy(int, string) bool { return false }

func (a *acted) Run(ctx context.Context) error {
	a.options.Receiver.Chosen(room.Choice{Main: publication("camera")})
	for n := 0; ctx.Err() == nil; n++ {
		for stream := range room.Streams {
			unit, err := h264.SplitAVCC(a.slate.Sample())
			if err != nil {
				return err
			}
			f := room.Frame{Unit: unit}
			if n == 0 {
				f.Format = a.slate.Format
			}
			a.options.Receiver.Picture(stream, "camera", f, a.options.Now())
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestAThousandRunsLeaveNothingBehind(t *testing.T) {
	dir := t.TempDir()
	one := func(n int) {
		ctx, stop := context.WithTimeout(context.Background(), 40*time.Millisecond)
		defer stop()
		result := Execute(ctx, Options{
			Dir: filepath.Join(dir, fmt.Sprintf("run_%d", n)), Now: time.Now, Log: slog.New(slog.DiscardHandler), Active: func() {},
			join: func(o room.Options) session {
				slate, err := h264.NewSlate()
				if err != nil {
					t.Error(err)
				}
				return &acted{options: o, slate: slate}
			},
		})
		if result.Err != nil {
			t.Error(result.Err)
		}
	}
	batch := func(from, to int) {
		const together = 20
		for n := from; n < to; n += together {
			var running sync.WaitGroup
			for i := n; i < min(n+together, to); i++ {
				running.Add(1)
				go func() { defer running.Done(); one(i) }()
			}
			running.Wait()
		}
	}
	batch(0, 20) // what is made once is made now
	routines, files := runtime.NumGoroutine(), openFiles(t)
	batch(20, 1020)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && runtime.NumGoroutine() > routines; {
		runtime.Gosched()
	}
	if now := runtime.NumGoroutine(); now > routines {
		t.Errorf("%d goroutines before, %d after", routines, now)
	}
	if now := openFiles(t); now > files {
		t.Errorf("%d open files before, %d after", files, now)
	}
}
