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

// Active: the first part is there.
func (r *Report) Active(now time.Time) bool {
	return r.advance(livekit.EgressStatus_EGRESS_ACTIVE, func(info *livekit.EgressInfo) {
		info.StartedAt, info.SegmentResults[0].StartedAt = now.UnixNano(), now.UnixNano()
		info.UpdatedAt = now.UnixNano()
	})
}

// Ending: somebody wants it to end. What has not begun is not ending: it will
// be aborted.
func (r *Report) Ending(now time.Time, reason string) bool {
	if r.Info().Status == livekit.EgressStatus_EGRESS_STARTING {
		return false
	}
	return r.advance(livekit.EgressStatus_EGRESS_ENDING, func(info *livekit.EgressInfo) {
		info.UpdatedAt = now.UnixNano()
		info.SetEndReason(reason)
	})
}

// End: `finish` says which end it is.
func (r *Report) End(now time.Time, finish func(*livekit.EgressInfo)) bool {
	const anyEnd = livekit.EgressStatus_EGRESS_COMPLETE
	return r.advance(anyEnd, func(info *livekit.EgressInfo) {
		finish(info)
		info.EndedAt, info.SegmentResults[0].EndedAt = now.UnixNano(), now.UnixNano()
		info.UpdatedAt = now.UnixNano()
	})
}

// advance moves to a later state; false if it is not later, or has ended.
func (r *Report) advance(status livekit.EgressStatus, change func(*livekit.EgressInfo)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ended(r.info.Status) || status <= r.info.Status {
		return false
	}
	r.info.Status = status
	change(r.info)
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
