package run

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amphi/worker/h264"
	"amphi/worker/room"
)

// hostile is a room in which somebody sends what no reader foresaw.
type hostile struct {
	options room.Options
	frame   func() room.Frame
}

func (h *hostile) RequestKey(int, string) {}
func (h *hostile) Lossy(int, string) bool { return false }
func (h *hostile) Run(ctx context.Context) error {
	h.options.Receiver.Chosen(room.Choice{Main: publication("camera")})
	for ctx.Err() == nil {
		h.options.Receiver.Picture(0, "camera", h.frame(), h.options.Now())
	}
	return nil
}

func TestAFaultEndsItsRunOnlyAndSaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run_a")
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	result := Execute(ctx, Options{
		Dir: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler), Active: func() {},
		join: func(o room.Options) session {
			// A key frame of which the format lies: nobody else makes one of these.
			broken := room.Frame{Format: &h264.Format{SPS: []byte{0x67}}, Unit: h264.AccessUnit{Units: [][]byte{{}}}}
			return &hostile{options: o, frame: func() room.Frame { return broken }}
		},
	})
	if !errors.Is(result.Err, errFault) || strings.Contains(result.Err.Error(), "goroutine") {
		t.Errorf("ended with %v", result.Err)
	}
}

func TestALayerWithoutKeyFramesTakesNoMemoryForEver(t *testing.T) {
	from := &lane{}
	l := &ladder{aside: &aside{}}
	for n := range 2000 {
		f := room.Frame{Unit: h264.AccessUnit{Units: [][]byte{make([]byte, 1<<20)}}}
		if err := l.take(from, f, time.Duration(n)*frameEvery, time.Duration(n)*frameEvery); err != nil {
			t.Fatal(err)
		}
		if from.size > groupBytes+1<<21 || len(from.group) > groupMax {
			t.Fatalf("%d frames of %d bytes", len(from.group), from.size)
		}
	}
}
