package protocol

import (
	"context"
	"log/slog"

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
}

func newEgress(s *Server, order Order, request *rpc.StartEgressRequest) *egress {
	log := s.Log.With("egressId", order.EgressID, "classId", order.ClassID, "runId", order.RunID)
	now := s.Now().UnixNano()
	info := &livekit.EgressInfo{
		EgressId: order.EgressID, RoomId: order.RoomID, RoomName: order.RoomName,
		SourceType: livekit.EgressSourceType_EGRESS_SOURCE_TYPE_SDK,
		Status:     livekit.EgressStatus_EGRESS_STARTING, UpdatedAt: now,
		SegmentResults: []*livekit.SegmentsInfo{{PlaylistName: order.Playlist}},
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
	defer e.cancel()
	defer e.handler.Kill()
	e.log.Info("egress started", "room", e.order.RoomName)
	result := run.Execute(e.ctx, e.server.options(e))
	status := livekit.EgressStatus_EGRESS_COMPLETE
	switch {
	case result.Err != nil:
		status = livekit.EgressStatus_EGRESS_FAILED
	case result.Parts == 0:
		status = livekit.EgressStatus_EGRESS_ABORTED
	}
	e.report.Advance(status, e.server.Now(), func(info *livekit.EgressInfo) {
		if result.Err != nil {
			info.Error = result.Err.Error()
		}
		if status == livekit.EgressStatus_EGRESS_ABORTED {
			info.Error = "stopped before anything was written"
		}
		segments := info.SegmentResults[0]
		segments.SegmentCount = int64(result.Segments)
		segments.Duration = result.Elapsed.Nanoseconds()
		segments.StartedAt, segments.EndedAt = info.StartedAt, info.EndedAt
	})
	e.log.Info("egress ended", "status", status.String(), "error", result.Err, "segments", result.Segments, "parts", result.Parts)
	<-e.report.Sent()
}

func (e *egress) active() {
	e.report.Advance(livekit.EgressStatus_EGRESS_ACTIVE, e.server.Now(), nil)
}

func (e *egress) stop() {
	e.report.Advance(livekit.EgressStatus_EGRESS_ENDING, e.server.Now(), nil)
	e.cancel()
}

// StopEgress answers with the state of ending; the end itself is an update.
func (e *egress) StopEgress(context.Context, *livekit.StopEgressRequest) (*livekit.EgressInfo, error) {
	e.stop()
	return e.report.Info(), nil
}

func (e *egress) UpdateStream(context.Context, *livekit.UpdateStreamRequest) (*livekit.EgressInfo, error) {
	return nil, refuse("there are no streams to update: only segments are written")
}

func (e *egress) UpdateEgress(context.Context, *livekit.UpdateEgressRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.Unimplemented, "amphi worker: an egress cannot be changed")
}

var _ rpc.EgressHandlerServerImpl = (*egress)(nil)
