// Package protocol is LiveKit's egress protocol as livekit-server speaks it
// over psrpc: what is asked for, and how it is answered for.
package protocol

import (
	"path/filepath"
	"regexp"
	"strings"

	"amphi/worker/room"

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
	Only     room.Only
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func refuse(format string, values ...any) error {
	return psrpc.NewErrorf(psrpc.InvalidArgument, "amphi worker: "+format, values...)
}

// ParseOrder refuses with a reason what does not write one segment output inside
// the broadcast directory.
func ParseOrder(request *rpc.StartEgressRequest, broadcastDir string) (Order, error) {
	order := Order{EgressID: request.EgressId, RoomID: request.RoomId}
	if order.EgressID == "" {
		return order, refuse("no egress id")
	}
	segments, err := order.parse(request)
	if err != nil {
		return order, err
	}
	if order.RoomName == "" {
		return order, refuse("no room name")
	}
	order.Playlist = segments.PlaylistName
	return order, order.place(segments.FilenamePrefix, broadcastDir)
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
