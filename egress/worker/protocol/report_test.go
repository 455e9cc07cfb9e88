package protocol

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"amphi/worker/room"
	"amphi/worker/run"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// told is a livekit-server that fails to answer now and then.
type told struct {
	rpc.IOInfoClient
	mu       sync.Mutex
	fail     int
	statuses []livekit.EgressStatus
}

func (c *told) UpdateEgress(_ context.Context, info *livekit.EgressInfo, _ ...psrpc.RequestOption) (*emptypb.Empty, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail > 0 {
		c.fail--
		return nil, psrpc.ErrRequestTimedOut
	}
	c.statuses = append(c.statuses, info.Status)
	return &emptypb.Empty{}, nil
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func newReport(client *told) *Report {
	return NewReport(client, slog.New(slog.DiscardHandler), &livekit.EgressInfo{EgressId: "EG_a", SegmentResults: []*livekit.SegmentsInfo{{}}})
}

func (c *told) expect(t *testing.T, want ...livekit.EgressStatus) {
	t.Helper()
	if !slices.Equal(c.statuses, want) {
		t.Errorf("told %v, not %v", c.statuses, want)
	}
}

func fails(info *livekit.EgressInfo) { info.SetFailed(errors.New("disk full")) }

func TestThereIsExactlyOneEnd(t *testing.T) {
	client := &told{fail: 1}
	r := newReport(client)
	steps := []struct {
		step  func() bool
		taken bool
	}{
		{func() bool { return r.Active(noon) }, true},
		{func() bool { return r.Active(noon) }, false},
		{func() bool { return r.Ending(noon, livekit.EndReasonAPI) }, true},
		{func() bool { return r.Ending(noon, livekit.EndReasonAPI) }, false},
		{func() bool { return r.Active(noon) }, false},
		{func() bool { return r.End(noon, fails) }, true},
		{func() bool { return r.End(noon, (*livekit.EgressInfo).SetComplete) }, false},
		{func() bool { return r.Active(noon) }, false},
	}
	for i, step := range steps {
		if taken := step.step(); taken != step.taken {
			t.Errorf("step %d: %v", i, taken)
		}
	}
	<-r.Sent()
	client.expect(t, livekit.EgressStatus_EGRESS_ACTIVE, livekit.EgressStatus_EGRESS_ENDING, livekit.EgressStatus_EGRESS_FAILED)
	if info := r.Info(); info.StartedAt != noon.UnixNano() || info.EndedAt != noon.UnixNano() || info.UpdatedAt != noon.UnixNano() {
		t.Errorf("started %d, ended %d, updated %d", info.StartedAt, info.EndedAt, info.UpdatedAt)
	}
}

func TestHowAnEgressEnded(t *testing.T) {
	for name, c := range map[string]struct {
		active  bool
		stopped bool
		err     error
		status  livekit.EgressStatus
		code    int32
		error   string
		details string
	}{
		"stopped":                  {active: true, stopped: true, status: livekit.EgressStatus_EGRESS_COMPLETE, details: "End reason: StopEgress API"},
		"the room is over":         {active: true, err: room.ErrClosed, status: livekit.EgressStatus_EGRESS_COMPLETE, details: "End reason: Source closed"},
		"stopped before it began":  {stopped: true, status: livekit.EgressStatus_EGRESS_ABORTED, code: 412, error: "Stop called before pipeline could start"},
		"over before it began":     {err: room.ErrClosed, status: livekit.EgressStatus_EGRESS_ABORTED, code: 412, error: "Start signal not received"},
		"LiveKit is away":          {active: true, err: fmt.Errorf("%w: join", room.ErrLost), status: livekit.EgressStatus_EGRESS_FAILED, code: 503, error: "lost", details: "End reason: Failure"},
		"LiveKit was never there":  {err: room.ErrLost, status: livekit.EgressStatus_EGRESS_FAILED, code: 503, error: "lost", details: "End reason: Failure"},
		"nobody it was for came":   {active: true, err: fmt.Errorf("%w: TR_x", room.ErrNotFound), status: livekit.EgressStatus_EGRESS_FAILED, code: 404, error: "TR_x", details: "End reason: Failure"},
		"nothing can be written":   {active: true, err: errors.New("no space left"), status: livekit.EgressStatus_EGRESS_FAILED, code: 500, error: "no space left", details: "End reason: Failure"},
		"fails while it is ending": {active: true, stopped: true, err: errors.New("no space left"), status: livekit.EgressStatus_EGRESS_FAILED, code: 500, error: "no space left", details: "End reason: StopEgress API"},
	} {
		t.Run(name, func(t *testing.T) {
			client := &told{}
			r := newReport(client)
			var before []livekit.EgressStatus
			if c.active {
				r.Active(noon)
				before = append(before, livekit.EgressStatus_EGRESS_ACTIVE)
			}
			if c.stopped && r.Ending(noon, livekit.EndReasonAPI) {
				before = append(before, livekit.EgressStatus_EGRESS_ENDING)
			}
			r.End(noon, func(info *livekit.EgressInfo) {
				finish(info, run.Result{Err: c.err, Segments: 3, Size: 1000, Elapsed: time.Second}, livekit.EndReasonAPI)
			})
			<-r.Sent()
			client.expect(t, append(before, c.status)...)
			info := r.Info()
			if info.Status != c.status || info.ErrorCode != c.code || !strings.Contains(info.Error, c.error) || (info.Error != "") != (c.error != "") || info.Details != c.details {
				t.Errorf("%s %d %q %q", info.Status, info.ErrorCode, info.Error, info.Details)
			}
			segments := info.SegmentResults[0]
			if segments.SegmentCount != 3 || segments.Size != 1000 || segments.Duration != time.Second.Nanoseconds() || segments.EndedAt != noon.UnixNano() {
				t.Errorf("%v", segments)
			}
		})
	}
}
