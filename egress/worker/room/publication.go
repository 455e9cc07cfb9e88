package room

import (
	"encoding/json"
	"strings"

	"amphi/worker/transcode"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// Streams a track is taken in: one connection holds one simulcast layer of it.
// Stream 0 has the highest layer.
const Streams = 3

// By stream: the best that is not better than this.
var qualities = [Streams]livekit.VideoQuality{livekit.VideoQuality_HIGH, livekit.VideoQuality_MEDIUM, livekit.VideoQuality_LOW}

// Publication is what the choice needs to know of a track.
type Publication struct {
	TrackID  string
	Source   livekit.TrackSource
	Video    bool
	Muted    bool
	MimeType string
	Pixels   [Streams]int // announced, by stream
	Identity string
	Metadata string
}

const roleTeacher = "teacher"

// describe tells of a track of the SDK's.
func describe(publication *lksdk.RemoteTrackPublication, participant *lksdk.RemoteParticipant) Publication {
	return Publication{
		TrackID: publication.SID(), Source: publication.Source(), Video: publication.Kind() == lksdk.TrackKindVideo,
		Muted: publication.IsMuted(), MimeType: publication.MimeType(), Pixels: pixels(publication.TrackInfo()),
		Identity: participant.Identity(), Metadata: participant.Metadata(),
	}
}

// pixels of the layer that each stream should get.
func pixels(info *livekit.TrackInfo) (pixels [Streams]int) {
	layers := info.GetLayers()
	for stream, quality := range qualities {
		for _, layer := range layers {
			if layer.Quality <= quality || len(layers) == 1 {
				pixels[stream] = max(pixels[stream], int(layer.Width*layer.Height))
			}
		}
		if pixels[stream] == 0 && len(layers) == 0 {
			pixels[stream] = int(info.GetWidth() * info.GetHeight())
		}
	}
	return pixels
}

func (p Publication) byTeacher() bool {
	var metadata struct {
		Role string `json:"role"`
	}
	return json.Unmarshal([]byte(p.Metadata), &metadata) == nil && metadata.Role == roleTeacher
}

func (p Publication) playable() bool {
	return p.MimeType == "" || transcode.Takes(p.MimeType)
}

// layered: a lower stream has something of its own to show. What has to be
// transcoded is not transcoded twice to show the same.
func (p Publication) layered(stream int) bool {
	switch {
	case p.MimeType == "" || strings.EqualFold(p.MimeType, webrtc.MimeTypeH264):
		return true
	case strings.EqualFold(p.MimeType, webrtc.MimeTypeVP8):
		return p.Pixels[stream] < p.Pixels[0]
	default:
		return false // spatial layers of one stream, of which the lowest is decoded
	}
}

func (p Publication) camera() bool {
	return p.Video && p.playable() && p.Source == livekit.TrackSource_CAMERA
}

func (p Publication) screen() bool {
	return p.Video && p.playable() && p.Source == livekit.TrackSource_SCREEN_SHARE
}
