package protocol

import (
	"errors"

	"amphi/worker/room"
	"amphi/worker/run"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/psrpc"
)

// finish says how an egress ended, in the words of the official one
// (livekit_egress.go of livekit/protocol). What never became active was
// aborted, whatever ended it but a failure; the end of the room is an end like
// any other. There is no LIMIT_REACHED: a run may be of any length and size.
func finish(info *livekit.EgressInfo, result run.Result, reason string) {
	segments := info.SegmentResults[0]
	segments.SegmentCount, segments.Size = int64(result.Segments), result.Size
	segments.Duration = result.Elapsed.Nanoseconds()
	closed := errors.Is(result.Err, room.ErrClosed)
	active := info.StartedAt != 0
	if closed {
		reason = livekit.EndReasonSrcClosed
	}
	switch {
	case result.Err != nil && !closed:
		info.SetFailed(fault(result.Err))
	case active:
		info.SetComplete()
		info.SetEndReason(reason)
	case closed:
		info.SetAborted(livekit.MsgStartNotReceived)
	default:
		info.SetAborted(livekit.MsgStoppedBeforeStarted)
	}
}

// fault gives an error the code that livekit-server would answer with.
func fault(err error) error {
	switch {
	case errors.Is(err, room.ErrLost):
		return psrpc.NewError(psrpc.Unavailable, err)
	case errors.Is(err, room.ErrNotFound):
		return psrpc.NewError(psrpc.NotFound, err)
	default:
		return psrpc.NewError(psrpc.Internal, err)
	}
}
