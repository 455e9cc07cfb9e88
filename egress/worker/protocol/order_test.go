package protocol

import (
	"strings"
	"testing"

	"amphi/worker/room"

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
		"egress is served, not Track": {EgressId: "EG", Request: &rpc.StartEgressRequest_Track{Track: &livekit.TrackEgressRequest{}}},
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

func segmentsOf(run string) []*livekit.SegmentedFileOutput {
	return []*livekit.SegmentedFileOutput{{FilenamePrefix: dir + "/cls_a/" + run + "/seg", PlaylistName: "index.m3u8"}}
}

func unified(source *livekit.MediaSource) *rpc.StartEgressRequest {
	return &rpc.StartEgressRequest{EgressId: "EG_a", Request: &rpc.StartEgressRequest_Egress{Egress: &livekit.StartEgressRequest{
		RoomName: "cls_a", Source: &livekit.StartEgressRequest_Media{Media: source},
		Outputs: []*livekit.Output{{Config: &livekit.Output_Segments{Segments: segmentsOf("run_1")[0]}}},
	}}}
}

func TestAParticipantAndTracksAreServedWithSegments(t *testing.T) {
	for name, c := range map[string]struct {
		request *rpc.StartEgressRequest
		want    room.Only
	}{
		"participant": {
			&rpc.StartEgressRequest{EgressId: "EG_a", Request: &rpc.StartEgressRequest_Participant{Participant: &livekit.ParticipantEgressRequest{
				RoomName: "cls_a", Identity: "per_a", SegmentOutputs: segmentsOf("run_1"),
			}}},
			room.Only{Narrow: true, PicturePerson: "per_a", SoundPerson: "per_a"},
		},
		"participant's screen": {
			&rpc.StartEgressRequest{EgressId: "EG_a", Request: &rpc.StartEgressRequest_Participant{Participant: &livekit.ParticipantEgressRequest{
				RoomName: "cls_a", Identity: "per_a", ScreenShare: true, SegmentOutputs: segmentsOf("run_1"),
			}}},
			room.Only{Narrow: true, PicturePerson: "per_a", SoundPerson: "per_a", Screen: room.ScreenOnly},
		},
		"tracks": {
			&rpc.StartEgressRequest{EgressId: "EG_a", Request: &rpc.StartEgressRequest_TrackComposite{TrackComposite: &livekit.TrackCompositeEgressRequest{
				RoomName: "cls_a", VideoTrackId: "TR_v", AudioTrackId: "TR_a",
				Output: &livekit.TrackCompositeEgressRequest_Segments{Segments: segmentsOf("run_1")[0]},
			}}},
			room.Only{Narrow: true, PictureTrack: "TR_v", SoundTrack: "TR_a"},
		},
		"media of a participant": {
			unified(&livekit.MediaSource{
				Video: &livekit.MediaSource_ParticipantVideo{ParticipantVideo: &livekit.ParticipantVideo{Identity: "per_a", PreferScreenShare: true}},
				Audio: &livekit.AudioConfig{Routes: []*livekit.AudioRoute{{Match: &livekit.AudioRoute_ParticipantIdentity{ParticipantIdentity: "per_b"}}}},
			}),
			room.Only{Narrow: true, PicturePerson: "per_a", Screen: room.ScreenElseCamera, SoundPerson: "per_b"},
		},
		"a track with everybody's sound": {
			unified(&livekit.MediaSource{Video: &livekit.MediaSource_VideoTrackId{VideoTrackId: "TR_v"}, Audio: &livekit.AudioConfig{CaptureAll: true}}),
			room.Only{Narrow: true, PictureTrack: "TR_v", AllSound: true},
		},
	} {
		if got, err := ParseOrder(c.request, dir); err != nil || got.Only != c.want || got.RunID != "run_1" {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func TestWhatANarrowRequestLacksIsNamed(t *testing.T) {
	for reason, request := range map[string]*rpc.StartEgressRequest{
		"no identity": {EgressId: "EG", Request: &rpc.StartEgressRequest_Participant{Participant: &livekit.ParticipantEgressRequest{RoomName: "cls_a", SegmentOutputs: segmentsOf("r")}}},
		"no track":    {EgressId: "EG", Request: &rpc.StartEgressRequest_TrackComposite{TrackComposite: &livekit.TrackCompositeEgressRequest{RoomName: "cls_a", SegmentOutputs: segmentsOf("r")}}},
		"only segment outputs": {EgressId: "EG", Request: &rpc.StartEgressRequest_TrackComposite{TrackComposite: &livekit.TrackCompositeEgressRequest{
			RoomName: "cls_a", VideoTrackId: "TR", Output: &livekit.TrackCompositeEgressRequest_File{File: &livekit.EncodedFileOutput{}},
		}}},
		"not Web": {EgressId: "EG", Request: &rpc.StartEgressRequest_Web{Web: &livekit.WebEgressRequest{}}},
		"at most one audio route": unified(&livekit.MediaSource{Audio: &livekit.AudioConfig{Routes: []*livekit.AudioRoute{
			{Match: &livekit.AudioRoute_TrackId{TrackId: "a"}}, {Match: &livekit.AudioRoute_TrackId{TrackId: "b"}},
		}}}),
		"one channel": unified(&livekit.MediaSource{Audio: &livekit.AudioConfig{Routes: []*livekit.AudioRoute{
			{Match: &livekit.AudioRoute_TrackId{TrackId: "a"}, Channel: livekit.AudioChannel_AUDIO_CHANNEL_LEFT},
		}}}),
		"names no picture and no sound": unified(&livekit.MediaSource{}),
		"by kind": unified(&livekit.MediaSource{Audio: &livekit.AudioConfig{Routes: []*livekit.AudioRoute{
			{Match: &livekit.AudioRoute_ParticipantKind{ParticipantKind: livekit.ParticipantInfo_AGENT}},
		}}}),
	} {
		if _, err := ParseOrder(request, dir); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", reason, err)
		}
	}
}
