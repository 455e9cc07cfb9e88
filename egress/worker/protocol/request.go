package protocol

import (
	"fmt"
	"strings"

	"amphi/worker/room"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
)

// outputs of a request of the first version. Clients fill in the old field, the
// new one, or both with the same.
type outputs struct {
	segments []*livekit.SegmentedFileOutput
	others   int
	old      any
}

// parse reads what is to be seen and heard, and where it is written.
func (o *Order) parse(request *rpc.StartEgressRequest) (*livekit.SegmentedFileOutput, error) {
	switch r := request.Request.(type) {
	case *rpc.StartEgressRequest_RoomComposite:
		q := r.RoomComposite
		o.RoomName = q.RoomName
		if q.AudioOnly || q.VideoOnly {
			return nil, refuse("audio only and video only are not served")
		}
		return outputs{q.SegmentOutputs, len(q.FileOutputs) + len(q.StreamOutputs) + len(q.ImageOutputs), q.Output}.one()
	case *rpc.StartEgressRequest_Participant:
		q := r.Participant
		o.RoomName = q.RoomName
		if q.Identity == "" {
			return nil, refuse("no identity")
		}
		o.Only = room.Only{Narrow: true, PicturePerson: q.Identity, SoundPerson: q.Identity}
		if q.ScreenShare {
			o.Only.Screen = room.ScreenOnly
		}
		return outputs{q.SegmentOutputs, len(q.FileOutputs) + len(q.StreamOutputs) + len(q.ImageOutputs), nil}.one()
	case *rpc.StartEgressRequest_TrackComposite:
		q := r.TrackComposite
		o.RoomName = q.RoomName
		if q.VideoTrackId == "" && q.AudioTrackId == "" {
			return nil, refuse("no track")
		}
		o.Only = room.Only{Narrow: true, PictureTrack: q.VideoTrackId, SoundTrack: q.AudioTrackId}
		return outputs{q.SegmentOutputs, len(q.FileOutputs) + len(q.StreamOutputs) + len(q.ImageOutputs), q.Output}.one()
	case *rpc.StartEgressRequest_Egress:
		return o.parseUnified(r.Egress)
	default:
		return nil, refuse("only RoomComposite, Participant and TrackComposite egress is served, not %s",
			strings.TrimPrefix(fmt.Sprintf("%T", request.Request), "*rpc.StartEgressRequest_"))
	}
}

func (o outputs) one() (*livekit.SegmentedFileOutput, error) {
	if o.others > 0 {
		return nil, refuse("only segment outputs are served")
	}
	var old *livekit.SegmentedFileOutput
	switch output := o.old.(type) {
	case nil:
	case *livekit.RoomCompositeEgressRequest_Segments:
		old = output.Segments
	case *livekit.TrackCompositeEgressRequest_Segments:
		old = output.Segments
	default:
		return nil, refuse("only segment outputs are served")
	}
	if old != nil && len(o.segments) == 0 {
		o.segments = append(o.segments, old)
	}
	return oneLocal(o.segments)
}

// parseUnified reads a request of the second version.
func (o *Order) parseUnified(q *livekit.StartEgressRequest) (*livekit.SegmentedFileOutput, error) {
	o.RoomName = q.RoomName
	switch source := q.Source.(type) {
	case *livekit.StartEgressRequest_Template:
		if source.Template.AudioOnly || source.Template.VideoOnly {
			return nil, refuse("audio only and video only are not served")
		}
	case *livekit.StartEgressRequest_Media:
		var err error
		if o.Only, err = parseMedia(source.Media); err != nil {
			return nil, err
		}
	default:
		return nil, refuse("only the sources template and media are served")
	}
	var segments []*livekit.SegmentedFileOutput
	for _, output := range q.Outputs {
		each, ok := output.Config.(*livekit.Output_Segments)
		if !ok || output.Storage != nil || q.Storage != nil {
			return nil, refuse("only segment outputs on the local disk are served")
		}
		segments = append(segments, each.Segments)
	}
	return oneLocal(segments)
}

func parseMedia(media *livekit.MediaSource) (room.Only, error) {
	only := room.Only{Narrow: true, AllSound: media.Audio.GetCaptureAll()}
	switch video := media.Video.(type) {
	case *livekit.MediaSource_VideoTrackId:
		only.PictureTrack = video.VideoTrackId
	case *livekit.MediaSource_ParticipantVideo:
		only.PicturePerson = video.ParticipantVideo.Identity
		if video.ParticipantVideo.PreferScreenShare {
			only.Screen = room.ScreenElseCamera
		}
	}
	routes := media.Audio.GetRoutes()
	if len(routes) > 1 {
		return only, refuse("at most one audio route is served, not %d", len(routes))
	}
	for _, route := range routes {
		if route.Channel != livekit.AudioChannel_AUDIO_CHANNEL_BOTH {
			return only, refuse("audio routes to one channel are not served")
		}
		switch match := route.Match.(type) {
		case *livekit.AudioRoute_TrackId:
			only.SoundTrack = match.TrackId
		case *livekit.AudioRoute_ParticipantIdentity:
			only.SoundPerson = match.ParticipantIdentity
		default:
			return only, refuse("audio routes by kind of participant are not served")
		}
	}
	if only == (room.Only{Narrow: true}) {
		return only, refuse("the media source names no picture and no sound")
	}
	return only, nil
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
