package protocol

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"amphi/worker/run"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
)

// egress is one order being served, and its handler for stop and update.
type egress struct {
	server  *Server
	order   Order
	log     *slog.Logger
	report  *Report
	handler rpc.EgressHandlerServer
	ctx     context.Context
	cancel  context.CancelFunc
	why     atomic.Pointer[string] // it was stopped
}

func newEgress(s *Server, order Order, request *rpc.StartEgressRequest) *egress {
	log := s.Log.With("egressId", order.EgressID, "classId", order.ClassID, "runId", order.RunID)
	now := s.Now().UnixNano()
	segments := &livekit.SegmentsInfo{PlaylistName: order.Playlist, PlaylistLocation: filepath.Join(order.Dir, order.Playlist)}
	info := &livekit.EgressInfo{
		EgressId: order.EgressID, RoomId: order.RoomID, RoomName: order.RoomName,
		SourceType: livekit.EgressSourceType_EGRESS_SOURCE_TYPE_SDK,
		Status:     livekit.EgressStatus_EGRESS_STARTING, UpdatedAt: now,
		SegmentResults: []*livekit.SegmentsInfo{segments},
		// Clients of before 2023 read the only output here.
		Result: &livekit.EgressInfo_Segments{Segments: segments},
	}
	switch r := request.Request.(type) {
	case *rpc.StartEgressRequest_RoomComposite:
		info.Request = &livekit.EgressInfo_RoomComposite{RoomComposite: r.RoomComposite}
	case *rpc.StartEgressRequest_Participant:
		info.Request = &livekit.EgressInfo_Participant{Participant: r.Participant}
	case *rpc.StartEgressRequest_TrackComposite:
		info.Request = &livekit.EgressInfo_TrackComposite{TrackComposite: r.TrackComposite}
	case *rpc.StartEgressRequest_Egress:
		info.Request = &livekit.EgressInfo_Egress{Egress: r.Egress}
	}
	e := &egress{server: s, order: order, log: log, report: NewReport(s.io, log, info)}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// listen answers StopEgress and its like for this egress id.
func (e *egress) listen() error {
	handler, err := rpc.NewEgressHandlerServer(e, e.server.Bus)
	if err != nil {
		return err
	}
	e.handler = handler
	for _, register := range []func(string) error{
		handler.RegisterStopEgressTopic, handler.RegisterUpdateStreamTopic, handler.RegisterUpdateEgressTopic,
	} {
		if err := register(e.order.EgressID); err != nil {
			handler.Kill()
			return err
		}
	}
	return nil
}

// execute serves the order to its end, and tells livekit-server of it once.
func (e *egress) execute() {
	defer e.handler.Kill()
	// Of all that is served, and of what those before it left.
	e.log.Info("egress started", "room", e.order.RoomName, "goroutines", runtime.NumGoroutine())
	e.end(run.Execute(e.ctx, e.server.options(e)))
}

// end tells livekit-server what became of it: who knows it hears of its end.
func (e *egress) end(result run.Result) {
	e.report.End(e.server.Now(), func(info *livekit.EgressInfo) { finish(info, result, e.reason()) })
	e.log.Info("egress ended", "status", e.report.Info().Status.String(), "error", result.Err, "segments", result.Segments, "parts", result.Parts)
	<-e.report.Sent()
}

func (e *egress) active() {
	e.report.Active(e.server.Now())
}

// stop for a reason, of which the first counts.
func (e *egress) stop(reason string) {
	e.why.CompareAndSwap(nil, &reason)
	e.report.Ending(e.server.Now(), e.reason())
	e.cancel()
}

func (e *egress) reason() string {
	if why := e.why.Load(); why != nil {
		return *why
	}
	return livekit.EndReasonFailure
}

// StopEgress answers with the state of ending; the end itself is an update.
func (e *egress) StopEgress(context.Context, *livekit.StopEgressRequest) (*livekit.EgressInfo, error) {
	e.stop(livekit.EndReasonAPI)
	return e.report.Info(), nil
}

func (e *egress) UpdateStream(context.Context, *livekit.UpdateStreamRequest) (*livekit.EgressInfo, error) {
	return nil, refuse("there are no streams to update: only segments are written")
}

func (e *egress) UpdateEgress(context.Context, *livekit.UpdateEgressRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.Unimplemented, "amphi worker: an egress cannot be changed")
}

var _ rpc.EgressHandlerServerImpl = (*egress)(nil)
