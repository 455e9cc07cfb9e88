package protocol

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"google.golang.org/protobuf/proto"
)

const (
	reportTimeout = 5 * time.Second
	reportTries   = 4
	reportPause   = 500 * time.Millisecond
)

// Report is the state of one egress and the only place that changes it.
// livekit-server accepts anything, even after an end; this does not: states go
// forward only, and there is exactly one end. Updates are sent in order.
type Report struct {
	client rpc.IOInfoClient
	log    *slog.Logger

	mu     sync.Mutex
	info   *livekit.EgressInfo
	queue  chan *livekit.EgressInfo
	sends  sync.Once
	closed chan struct{}
}

func ended(status livekit.EgressStatus) bool {
	return status != livekit.EgressStatus_EGRESS_STARTING &&
		status != livekit.EgressStatus_EGRESS_ACTIVE && status != livekit.EgressStatus_EGRESS_ENDING
}

// NewReport begins in STARTING; livekit-server is not told yet.
func NewReport(client rpc.IOInfoClient, log *slog.Logger, info *livekit.EgressInfo) *Report {
	return &Report{
		client: client, log: log, info: info,
		// Four states at most.
		queue: make(chan *livekit.EgressInfo, 4), closed: make(chan struct{}),
	}
}

// Info is a copy of the present state.
func (r *Report) Info() *livekit.EgressInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	return proto.Clone(r.info).(*livekit.EgressInfo)
}

// Advance moves to a later state; false if it is not later, or has ended.
func (r *Report) Advance(status livekit.EgressStatus, now time.Time, change func(*livekit.EgressInfo)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ended(r.info.Status) || status <= r.info.Status {
		return false
	}
	r.info.Status = status
	r.info.UpdatedAt = now.UnixNano()
	switch {
	case status == livekit.EgressStatus_EGRESS_ACTIVE:
		r.info.StartedAt = now.UnixNano()
	case ended(status):
		r.info.EndedAt = now.UnixNano()
	}
	if change != nil {
		change(r.info)
	}
	r.sends.Do(func() { go r.send() })
	r.queue <- proto.Clone(r.info).(*livekit.EgressInfo)
	if ended(status) {
		close(r.queue)
	}
	return true
}

// Sent is closed when the end has been told, or could not be.
func (r *Report) Sent() <-chan struct{} { return r.closed }

func (r *Report) send() {
	defer close(r.closed)
	for info := range r.queue {
		for try := 1; ; try++ {
			ctx, cancel := context.WithTimeout(context.Background(), reportTimeout)
			_, err := r.client.UpdateEgress(ctx, info)
			cancel()
			if err == nil {
				break
			}
			r.log.Warn("update not taken", "status", info.Status.String(), "try", try, "error", err)
			if try == reportTries {
				break
			}
			time.Sleep(reportPause)
		}
	}
}
