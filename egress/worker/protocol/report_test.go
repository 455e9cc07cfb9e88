package protocol

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

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
	return NewReport(client, slog.New(slog.DiscardHandler), &livekit.EgressInfo{EgressId: "EG_a"})
}

func TestThereIsExactlyOneEnd(t *testing.T) {
	client := &told{fail: 1}
	r := newReport(client)
	steps := []struct {
		status livekit.EgressStatus
		taken  bool
	}{
		{livekit.EgressStatus_EGRESS_STARTING, false},
		{livekit.EgressStatus_EGRESS_ACTIVE, true},
		{livekit.EgressStatus_EGRESS_ACTIVE, false},
		{livekit.EgressStatus_EGRESS_ENDING, true},
		{livekit.EgressStatus_EGRESS_ACTIVE, false},
		{livekit.EgressStatus_EGRESS_FAILED, true},
		{livekit.EgressStatus_EGRESS_COMPLETE, false},
		{livekit.EgressStatus_EGRESS_ABORTED, false},
	}
	for _, step := range steps {
		if taken := r.Advance(step.status, noon, nil); taken != step.taken {
			t.Errorf("%s: %v", step.status, taken)
		}
	}
	<-r.Sent()
	want := []livekit.EgressStatus{livekit.EgressStatus_EGRESS_ACTIVE, livekit.EgressStatus_EGRESS_ENDING, livekit.EgressStatus_EGRESS_FAILED}
	if len(client.statuses) != len(want) {
		t.Fatalf("told %v", client.statuses)
	}
	for i := range want {
		if client.statuses[i] != want[i] {
			t.Errorf("told %v", client.statuses)
		}
	}
	if info := r.Info(); info.StartedAt != noon.UnixNano() || info.EndedAt != noon.UnixNano() {
		t.Errorf("started %d, ended %d", info.StartedAt, info.EndedAt)
	}
}
