package protocol

import (
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
)

const dir = "/data/broadcast"

func composite(change func(*livekit.RoomCompositeEgressRequest)) *rpc.StartEgressRequest {
	r := &livekit.RoomCompositeEgressRequest{
		RoomName:       "cls_a",
		SegmentOutputs: []*livekit.SegmentedFileOutput{{FilenamePrefix: dir + "/cls_a/run_1/seg", PlaylistName: "index.m3u8"}},
	}
	if change != nil {
		change(r)
	}
	return &rpc.StartEgressRequest{EgressId: "EG_a", RoomId: "RM_a", Request: &rpc.StartEgressRequest_RoomComposite{RoomComposite: r}}
}

func TestARoomCompositeWithSegmentsIsServed(t *testing.T) {
	old := composite(func(r *livekit.RoomCompositeEgressRequest) {
		r.Output = &livekit.RoomCompositeEgressRequest_Segments{Segments: r.SegmentOutputs[0]}
		r.SegmentOutputs = nil
	})
	unified := &rpc.StartEgressRequest{EgressId: "EG_a", RoomId: "RM_a", Request: &rpc.StartEgressRequest_Egress{Egress: &livekit.StartEgressRequest{
		RoomName: "cls_a", Source: &livekit.StartEgressRequest_Template{Template: &livekit.TemplateSource{}},
		Outputs: []*livekit.Output{{Config: &livekit.Output_Segments{Segments: &livekit.SegmentedFileOutput{FilenamePrefix: dir + "/cls_a/run_1/seg", PlaylistName: "index.m3u8"}}}},
	}}}
	want := Order{EgressID: "EG_a", RoomID: "RM_a", RoomName: "cls_a", ClassID: "cls_a", RunID: "run_1", Dir: dir + "/cls_a/run_1", Playlist: "index.m3u8"}
	for _, request := range []*rpc.StartEgressRequest{composite(nil), old, unified} {
		if got, err := ParseOrder(request, dir); err != nil || got != want {
			t.Errorf("%+v %v", got, err)
		}
	}
}

func TestEverythingElseIsRefusedWithAReason(t *testing.T) {
	prefix := func(path string) *rpc.StartEgressRequest {
		return composite(func(r *livekit.RoomCompositeEgressRequest) { r.SegmentOutputs[0].FilenamePrefix = path })
	}
	for reason, request := range map[string]*rpc.StartEgressRequest{
		"only RoomComposite egress is served, not Track": {EgressId: "EG", Request: &rpc.StartEgressRequest_Track{Track: &livekit.TrackEgressRequest{}}},
		"only segment outputs": composite(func(r *livekit.RoomCompositeEgressRequest) {
			r.FileOutputs = []*livekit.EncodedFileOutput{{}}
		}),
		"on the local disk": composite(func(r *livekit.RoomCompositeEgressRequest) {
			r.SegmentOutputs[0].Output = &livekit.SegmentedFileOutput_S3{S3: &livekit.S3Upload{}}
		}),
		"exactly one":                        composite(func(r *livekit.RoomCompositeEgressRequest) { r.SegmentOutputs = nil }),
		"audio only":                         composite(func(r *livekit.RoomCompositeEgressRequest) { r.AudioOnly = true }),
		"absolute":                           prefix("cls_a/run_1/seg"),
		"belongs to another class than room": prefix(dir + "/cls_b/run_1/seg"),
		"is not {broadcast directory}/{classId}/{runId}/{name}": prefix(dir + "/../other/run_1/seg"),
	} {
		if _, err := ParseOrder(request, dir); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", reason, err)
		}
	}
	for _, path := range []string{"/etc/seg", dir + "/seg", dir + "/cls_a/seg", dir + "/cls_a/run_1/x/seg", dir + "/cls a/run_1/seg", dir + "/cls_a/" + strings.Repeat("r", 65) + "/seg"} {
		if _, err := ParseOrder(prefix(path), dir); err == nil {
			t.Errorf("%s was taken", path)
		}
	}
}
