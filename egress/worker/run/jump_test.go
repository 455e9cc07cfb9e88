package run

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"amphi/worker/h264"
	"amphi/worker/room"
)

func TestARunEndsWhenServerTimeIsSetAndNotWhenItIsSlewed(t *testing.T) {
	for jump, want := range map[time.Duration]error{
		5 * time.Second: errJump, -5 * time.Second: errJump, 1100 * time.Millisecond: errJump,
		500 * time.Millisecond: nil, -500 * time.Millisecond: nil,
	} {
		t.Run(jump.String(), func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			var offset atomic.Int64
			result := Execute(ctx, Options{
				Dir: filepath.Join(t.TempDir(), "run_a"), Log: slog.New(slog.DiscardHandler),
				Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())).Round(0) },
				Active: func() {
					offset.Store(int64(jump))
					time.AfterFunc(time.Second, stop)
				},
				join: func(o room.Options) session {
					slate, err := h264.NewSlate()
					if err != nil {
						t.Error(err)
					}
					return &acted{options: o, slate: slate}
				},
			})
			if !errors.Is(result.Err, want) {
				t.Errorf("ended with %v after %d parts", result.Err, result.Parts)
			}
			if most := 12; jump > 4*time.Second && result.Parts > most { // 5 s have 20
				t.Errorf("%d parts of a moment", result.Parts)
			}
		})
	}
}
