// Package room is the worker as a hidden participant: it chooses tracks,
// subscribes, and hands on pictures and sound with their server time.
package room

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"amphi/worker/mix"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const (
	connectTimeout = 10 * time.Second
	// The SDK resumes by itself; this is for longer. A slate is shown for so many
	// tries, well over a minute: LiveKit's machine may be starting.
	reconnectTries = 18
	reconnectFirst = 500 * time.Millisecond
	reconnectMost  = 5 * time.Second
	// A connection that lasted this long was a good one: count anew.
	reconnectForget = 30 * time.Second
)

var (
	ErrClosed = errors.New("the room was closed")
	ErrLost   = errors.New("the connection to the room was lost")
	// ErrNotFound: what a narrow request names did not come.
	ErrNotFound = errors.New("not found in the room")
)

// Options of a session. Mixer positions count from Zero.
type Options struct {
	URL, Key, Secret string
	RoomName         string
	Identity         string
	Now              func() time.Time // server time
	Zero             time.Time
	Mixer            *mix.Mixer
	Only             Only
	Receiver         Receiver
	Log              *slog.Logger

	Sink Sink // of one connection
}

// Receiver gets what a session finds. Calls come from several goroutines.
type Receiver interface {
	// Chosen says which tracks the pictures are to be taken from.
	Chosen(Choice)
	// Picture hands on a frame of a stream with its server time.
	Picture(stream int, trackID string, frame Frame, at time.Time)
}

// Sink is the receiver as the readers of one connection know it.
type Sink interface {
	Picture(trackID string, frame Frame, at time.Time)
}

type sink struct {
	receiver Receiver
	stream   int
}

func (s sink) Picture(trackID string, frame Frame, at time.Time) {
	s.receiver.Picture(s.stream, trackID, frame, at)
}

// Session keeps hidden recorders in one room: one for each stream, because one
// subscriber holds one simulcast layer of a track.
type Session struct {
	options Options
	streams [Streams]*tracks
}

func NewSession(options Options) *Session {
	s := &Session{options: options}
	demand := newDemand()
	for i := range s.streams {
		s.streams[i] = newTracks(options, i, demand)
	}
	return s
}

// RequestKey asks for a key frame of a subscribed track.
func (s *Session) RequestKey(stream int, trackID string) { s.streams[stream].requestKey(trackID) }

// Lossy says that the track waits for a key frame after a loss.
func (s *Session) Lossy(stream int, trackID string) bool { return s.streams[stream].lossy(trackID) }

// Run stays in the room until ctx ends (nil), the room is closed or whom it was
// for has left (ErrClosed), nobody it was for came (ErrNotFound), or the room
// cannot be reached any more (ErrLost). Lower streams may come and go.
func (s *Session) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var lower sync.WaitGroup
	defer lower.Wait()
	defer cancel()
	for _, tracks := range s.streams[1:] {
		lower.Add(1)
		go func() {
			defer lower.Done()
			s.keep(ctx, tracks, func(int) bool { return true })
		}()
	}
	return s.keep(ctx, s.streams[0], func(tries int) bool { return tries <= reconnectTries })
}

// keep connects again and again, as long as it is worth while.
func (s *Session) keep(ctx context.Context, tracks *tracks, worth func(tries int) bool) error {
	tries := 0
	for {
		began := time.Now()
		err := s.stay(ctx, tracks)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrClosed) || errors.Is(err, ErrNotFound) {
			return err
		}
		if time.Since(began) > reconnectForget {
			tries = 0
		}
		tries++
		s.options.Log.Warn("room left", "stream", tracks.stream, "error", err, "try", tries)
		if !worth(tries) {
			return fmt.Errorf("%w: %w", ErrLost, err)
		}
		select {
		case <-time.After(min(reconnectFirst<<min(tries-1, 10), reconnectMost)):
		case <-ctx.Done():
			return nil
		}
	}
}

// stay connects once and returns why it is over.
func (s *Session) stay(ctx context.Context, tracks *tracks) error {
	o := s.options
	identity := o.Identity
	if !tracks.first() {
		identity = fmt.Sprintf("%s_%d", o.Identity, tracks.stream)
	}
	token, err := Token(o.Key, o.Secret, o.RoomName, identity)
	if err != nil {
		return err
	}
	left := make(chan livekit.DisconnectReason, 1)
	var room *lksdk.Room
	link := &link{}
	callback := tracks.callback(link)
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
	defer tracks.clear()
	defer room.Disconnect()
	o.Log.Info("room joined", "room", o.RoomName, "stream", tracks.stream)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	followed := make(chan error, 1)
	go func() { followed <- tracks.follow(watching, room, link) }()
	select {
	case reason := <-left:
		return leaving(reason)
	case err := <-followed:
		return err
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
