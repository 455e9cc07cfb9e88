package room

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// screening is a receiver that tells of the main pictures.
type screening chan string

func (s screening) Chosen(choice Choice) { s <- trackID(choice.Main) }

func (s screening) Picture(int, string, Frame, time.Time) {}

func TestARoomIsLeftThatTheSDKJoinedAnewAndKeepsThoseWhoHaveGone(t *testing.T) {
	class := &livekit.Room{Sid: "RM_a", Name: "class"}
	recorder := func(sid string) *livekit.ParticipantInfo {
		return &livekit.ParticipantInfo{Sid: sid, Identity: "EG_a"}
	}
	sharing := &livekit.ParticipantInfo{Sid: "PA_s", Identity: "per_s", Tracks: []*livekit.TrackInfo{
		{Sid: "share", Type: livekit.TrackType_VIDEO, Source: livekit.TrackSource_SCREEN_SHARE, MimeType: "video/H264"},
	}}
	shown, link := make(screening, 100), &link{}
	tracks := newTracks(Options{Receiver: shown, Log: slog.New(slog.DiscardHandler)}, 0, newDemand())
	room := lksdk.NewRoom(tracks.callback(link))
	room.OnRoomJoined(class, recorder("PA_1"), []*livekit.ParticipantInfo{sharing}, &livekit.ServerInfo{}, nil)
	left := make(chan error, 1)
	go func() { left <- tracks.follow(t.Context(), room, link) }()
	if main := <-shown; main != "share" {
		t.Fatalf("%q is shown at first", main)
	}
	// The resume fails, and whoever shared is not in the room any more.
	room.OnResuming()
	room.OnRestarted(class, recorder("PA_2"), nil)
	select {
	case err := <-left:
		if !errors.Is(err, errAnew) {
			t.Errorf("left with %v", err)
		}
	case <-time.After(4 * lookEvery):
		t.Errorf("still there, with %d who have gone", len(room.GetRemoteParticipants()))
	}
}

func TestAShortCutIsResumedAndALongOneIsNotWaitedFor(t *testing.T) {
	var l link
	for i, step := range []struct {
		at   time.Duration
		do   func(*link, time.Time)
		want error
	}{
		{0, (*link).cut, nil},
		{resumeMost, nil, nil},
		{resumeMost, func(l *link, _ time.Time) { l.resumed() }, nil},
		{2 * resumeMost, nil, nil},
		{2 * resumeMost, (*link).cut, nil},
		{3 * resumeMost, (*link).cut, nil}, // the same one
		{3*resumeMost + lookEvery, nil, errCutOff},
	} {
		if step.do != nil {
			step.do(&l, start.Add(step.at))
		}
		if err := l.check("PA_1", "PA_1", start.Add(step.at)); !errors.Is(err, step.want) {
			t.Errorf("step %d: %v", i, err)
		}
	}
}
