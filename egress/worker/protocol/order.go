// Package protocol is LiveKit's egress protocol as livekit-server speaks it
// over psrpc: what is asked for, and how it is answered for.
package protocol

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
)

// Order is a request that this worker can serve.
type Order struct {
	EgressID string
	RoomID   string
	RoomName string
	ClassID  string
	RunID    string
	Dir      string
	Playlist string
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func refuse(format string, values ...any) error {
	return psrpc.NewErrorf(psrpc.InvalidArgument, "amphi worker: "+format, values...)
}

// ParseOrder refuses with a reason what is not a room composite with one
// segment output inside the broadcast directory.
func ParseOrder(request *rpc.StartEgressRequest, broadcastDir string) (Order, error) {
	order := Order{EgressID: request.EgressId, RoomID: request.RoomId}
	if order.EgressID == "" {
		return order, refuse("no egress id")
	}
	var segments *livekit.SegmentedFileOutput
	var err error
	switch r := request.Request.(type) {
	case *rpc.StartEgressRequest_RoomComposite:
		order.RoomName = r.RoomComposite.RoomName
		segments, err = compositeSegments(r.RoomComposite)
	case *rpc.StartEgressRequest_Egress:
		order.RoomName = r.Egress.RoomName
		segments, err = templateSegments(r.Egress)
	default:
		err = refuse("only RoomComposite egress is served, not %s", strings.TrimPrefix(fmt.Sprintf("%T", request.Request), "*rpc.StartEgressRequest_"))
	}
	if err != nil {
		return order, err
	}
	if order.RoomName == "" {
		return order, refuse("no room name")
	}
	order.Playlist = segments.PlaylistName
	return order, order.place(segments.FilenamePrefix, broadcastDir)
}

func compositeSegments(r *livekit.RoomCompositeEgressRequest) (*livekit.SegmentedFileOutput, error) {
	if r.AudioOnly || r.VideoOnly {
		return nil, refuse("audio only and video only are not served")
	}
	if len(r.FileOutputs)+len(r.StreamOutputs)+len(r.ImageOutputs) > 0 {
		return nil, refuse("only segment outputs are served")
	}
	outputs := r.SegmentOutputs
	switch old := r.Output.(type) {
	case nil:
	case *livekit.RoomCompositeEgressRequest_Segments:
		// Some clients fill in both fields with the same output.
		if len(outputs) == 0 {
			outputs = append(outputs, old.Segments)
		}
	default:
		return nil, refuse("only segment outputs are served")
	}
	return oneLocal(outputs)
}

func templateSegments(r *livekit.StartEgressRequest) (*livekit.SegmentedFileOutput, error) {
	template, ok := r.Source.(*livekit.StartEgressRequest_Template)
	if !ok {
		return nil, refuse("only the room composite (template) source is served")
	}
	if template.Template.AudioOnly || template.Template.VideoOnly {
		return nil, refuse("audio only and video only are not served")
	}
	var outputs []*livekit.SegmentedFileOutput
	for _, output := range r.Outputs {
		segments, ok := output.Config.(*livekit.Output_Segments)
		if !ok || output.Storage != nil || r.Storage != nil {
			return nil, refuse("only segment outputs on the local disk are served")
		}
		outputs = append(outputs, segments.Segments)
	}
	return oneLocal(outputs)
}

func oneLocal(outputs []*livekit.SegmentedFileOutput) (*livekit.SegmentedFileOutput, error) {
	if len(outputs) != 1 {
		return nil, refuse("exactly one segment output is served, not %d", len(outputs))
	}
	if outputs[0].Output != nil {
		return nil, refuse("only segment outputs on the local disk are served")
	}
	return outputs[0], nil
}

// place requires BROADCAST_DIR/{classId}/{runId}/anything, and nothing else.
func (o *Order) place(prefix, broadcastDir string) error {
	if !filepath.IsAbs(prefix) {
		return refuse("filenamePrefix %q is not an absolute path", prefix)
	}
	dir := filepath.Dir(filepath.Clean(prefix))
	inside, err := filepath.Rel(broadcastDir, dir)
	if err != nil {
		return refuse("filenamePrefix %q is outside the broadcast directory", prefix)
	}
	ids := strings.Split(inside, string(filepath.Separator))
	if len(ids) != 2 || !idPattern.MatchString(ids[0]) || !idPattern.MatchString(ids[1]) {
		return refuse("filenamePrefix %q is not {broadcast directory}/{classId}/{runId}/{name}", prefix)
	}
	// A token that may record one room must not write into the class of another.
	if ids[0] != o.RoomName {
		return refuse("filenamePrefix %q belongs to another class than room %q", prefix, o.RoomName)
	}
	o.ClassID, o.RunID, o.Dir = ids[0], ids[1], dir
	return nil
}
