// Package room is the worker as a hidden participant: it chooses tracks,
// subscribes, and hands on pictures and sound with their server time.
package room

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"amphi/worker/mix"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const (
	connectTimeout = 10 * time.Second
	// The SDK resumes and reconnects by itself; this is for what is left.
	reconnectTries = 6
	reconnectFirst = 500 * time.Millisecond
	reconnectMost  = 5 * time.Second
	// A connection that lasted this long was a good one: count anew.
	reconnectForget = 30 * time.Second
)

var (
	ErrClosed = errors.New("the room was closed")
	ErrLost   = errors.New("the connection to the room was lost")
)

// Options of a session. Mixer positions count from Zero.
type Options struct {
	URL, Key, Secret string
	RoomName         string
	Identity         string
	Now              func() time.Time // server time
	Zero             time.Time
	Mixer            *mix.Mixer
	Sink             Sink
	Log              *slog.Logger
}

// Sink receives what the session finds. Calls come from several goroutines.
type Sink interface {
	// Chosen says which track the picture is to be taken from; false: none.
	Chosen(Publication, bool)
	// Picture hands on a frame with its server time.
	Picture(trackID string, frame Frame, at time.Time)
}

// Session keeps one recorder in one room.
type Session struct {
	options Options
	tracks  *tracks
}

func NewSession(options Options) *Session {
	return &Session{options: options, tracks: newTracks(options)}
}

// RequestKey asks for a key frame of a subscribed track.
func (s *Session) RequestKey(trackID string) { s.tracks.requestKey(trackID) }

// Lossy says that the track waits for a key frame after a loss.
func (s *Session) Lossy(trackID string) bool { return s.tracks.lossy(trackID) }

// Run stays in the room until ctx ends (nil), the room is closed (ErrClosed)
// or cannot be reached any more (ErrLost).
func (s *Session) Run(ctx context.Context) error {
	tries := 0
	for {
		began := time.Now()
		err := s.stay(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrClosed) {
			return err
		}
		if time.Since(began) > reconnectForget {
			tries = 0
		}
		tries++
		s.options.Log.Warn("room left", "error", err, "try", tries)
		if tries > reconnectTries {
			return fmt.Errorf("%w: %w", ErrLost, err)
		}
		select {
		case <-time.After(min(reconnectFirst<<(tries-1), reconnectMost)):
		case <-ctx.Done():
			return nil
		}
	}
}

// stay connects once and returns why it is over.
func (s *Session) stay(ctx context.Context) error {
	o := s.options
	token, err := Token(o.Key, o.Secret, o.RoomName, o.Identity)
	if err != nil {
		return err
	}
	left := make(chan livekit.DisconnectReason, 1)
	var room *lksdk.Room
	callback := s.tracks.callback()
	callback.OnDisconnectedWithReason = func(lksdk.DisconnectionReason) {
		select {
		case left <- room.DisconnectReason():
		default:
		}
	}
	room = lksdk.NewRoom(callback)
	room.SetLogger(logger.LogRLogger(discardLog))
	joining, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := room.JoinWithContextAndToken(joining, o.URL, token, lksdk.WithAutoSubscribe(false)); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	defer s.tracks.clear()
	defer room.Disconnect()
	o.Log.Info("room joined", "room", o.RoomName)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go s.tracks.follow(watching, room)
	select {
	case <-ctx.Done():
		return nil
	case reason := <-left:
		return leaving(reason)
	}
}

func leaving(reason livekit.DisconnectReason) error {
	switch reason {
	case livekit.DisconnectReason_ROOM_DELETED, livekit.DisconnectReason_ROOM_CLOSED:
		return ErrClosed
	default:
		return fmt.Errorf("disconnected: %s", reason)
	}
}
