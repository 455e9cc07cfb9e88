package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/proto"
)

const (
	// livekit/egress starts a Chrome first, which takes it seconds; until then
	// it is STARTING, and LiveKit lists it as active all the same.
	startsAfter = 500 * time.Millisecond
	// How long an exhausted one holds out.
	exhaustedAfter = 6 * time.Second
)

type egress struct {
	*service
	mu      sync.Mutex
	info    *livekit.EgressInfo
	stopped chan struct{}
	once    sync.Once
}

// tell changes what is known of the egress and reports it.
func (e *egress) tell(change func(info *livekit.EgressInfo)) *livekit.EgressInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e.info)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	copied := proto.Clone(e.info).(*livekit.EgressInfo)
	_, _ = e.io.UpdateEgress(ctx, copied)
	return copied
}

func (e *egress) fail(err error) {
	e.tell(func(info *livekit.EgressInfo) {
		info.SetFailed(err)
		info.ErrorCode = http.StatusInternalServerError
	})
}

func (e *egress) serve(output *livekit.SegmentedFileOutput) {
	if e.mode == "fail" {
		e.fail(errors.New("signal: killed"))
		return
	}
	select {
	case <-time.After(startsAfter):
	case <-e.stopped:
		e.tell(func(info *livekit.EgressInfo) { info.SetAborted(livekit.MsgStoppedBeforeStarted) })
		return
	}
	var segments *writer
	if e.mode != "silent" {
		var err error
		if segments, err = startWriter(e.mode, output); err != nil {
			e.fail(err)
			return
		}
	}
	e.tell(func(info *livekit.EgressInfo) { info.UpdateStatus(livekit.EgressStatus_EGRESS_ACTIVE) })
	var exhausted <-chan time.Time
	if e.mode == "exhausted" {
		exhausted = time.After(exhaustedAfter)
	}
	select {
	case <-e.stopped:
	case <-exhausted:
		e.end(livekit.EndReasonCPUExhausted)
	}
	if segments != nil {
		segments.stop()
	}
	e.tell(func(info *livekit.EgressInfo) { info.SetComplete() })
}

// end begins the end of one that writes; of one that has not begun the answer is
// what it is, as from livekit/egress.
func (e *egress) end(reason string) *livekit.EgressInfo {
	return e.tell(func(info *livekit.EgressInfo) {
		info.SetEndReason(reason)
		if info.Status == livekit.EgressStatus_EGRESS_ACTIVE {
			info.UpdateStatus(livekit.EgressStatus_EGRESS_ENDING)
		}
	})
}

func (e *egress) StopEgress(context.Context, *livekit.StopEgressRequest) (*livekit.EgressInfo, error) {
	info := e.end(livekit.EndReasonAPI)
	e.once.Do(func() { close(e.stopped) })
	return info, nil
}

func (e *egress) UpdateStream(context.Context, *livekit.UpdateStreamRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.Unimplemented, "stand-in: no streams")
}

func (e *egress) UpdateEgress(context.Context, *livekit.UpdateEgressRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.Unimplemented, "stand-in: no updates")
}
