package room

import (
	"context"
	"sync"
	"time"

	"github.com/go-logr/logr"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// The SDK's log is about its own insides; what matters here has callbacks.
var discardLog = logr.Discard()

const (
	// Callbacks are hints; the list of participants is looked at this often.
	lookEvery = 500 * time.Millisecond
	// A subscription that brought no track is asked for again.
	askAgain = 3 * time.Second
)

// tracks holds what one connection is subscribed to and keeps it as it should
// be. The first one chooses the pictures, for all, and hears.
type tracks struct {
	options Options
	stream  int
	demand  *demand
	poke    chan struct{}
	chooser chooser // of the first one, used by follow only
	chosen  Choice
	present presence // used by follow only

	mu      sync.Mutex
	asked   map[string]time.Time // by track id
	readers map[string]*reader
}

func newTracks(options Options, stream int, demand *demand) *tracks {
	options.Sink = sink{options.Receiver, stream}
	return &tracks{
		options: options, stream: stream, demand: demand, poke: demand.listen(), chooser: chooser{only: options.Only}, present: presence{only: options.Only},
		asked: map[string]time.Time{}, readers: map[string]*reader{},
	}
}

func (t *tracks) first() bool { return t.stream == 0 }

func (t *tracks) callback(link *link) *lksdk.RoomCallback {
	look := func() {
		select {
		case t.poke <- struct{}{}:
		default:
		}
	}
	publication := func(*lksdk.RemoteTrackPublication, *lksdk.RemoteParticipant) { look() }
	return &lksdk.RoomCallback{
		OnParticipantConnected:    func(*lksdk.RemoteParticipant) { look() },
		OnParticipantDisconnected: func(*lksdk.RemoteParticipant) { look() },
		OnReconnecting:            func() { link.cut(time.Now()) },
		OnReconnected:             func() { link.resumed(); look() },
		OnActiveSpeakersChanged:   func([]lksdk.Participant) { look() },
		OnRoomMetadataChanged:     func(string) { look() },
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackPublished:   publication,
			OnTrackUnpublished: publication,
			OnTrackMuted:       func(lksdk.TrackPublication, lksdk.Participant) { look() },
			OnTrackUnmuted:     func(lksdk.TrackPublication, lksdk.Participant) { look() },
			OnMetadataChanged:  func(string, lksdk.Participant) { look() },
			OnTrackSubscribed:  t.subscribed,
			OnTrackUnsubscribed: func(_ *webrtc.TrackRemote, p *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				t.forget(p.SID(), nil)
				look()
			},
		},
	}
}

// follow keeps subscriptions as they should be until ctx ends (nil), or says why
// the connection is of no use any more.
func (t *tracks) follow(ctx context.Context, room *lksdk.Room, link *link) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	joined := room.LocalParticipant.SID()
	for {
		if err := link.check(joined, room.LocalParticipant.SID(), time.Now()); err != nil {
			return err
		}
		if err := t.look(room); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-t.poke:
		}
	}
}

func (t *tracks) look(room *lksdk.Room) error {
	var all []Publication
	remote := map[string]*lksdk.RemoteTrackPublication{}
	present, identities := map[string]bool{}, map[string]bool{}
	for _, participant := range room.GetRemoteParticipants() {
		if participant.Kind() == lksdk.ParticipantEgress {
			continue
		}
		present[participant.SID()], identities[participant.Identity()] = true, true
		for _, track := range participant.TrackPublications() {
			publication, ok := track.(*lksdk.RemoteTrackPublication)
			if !ok {
				continue
			}
			remote[publication.SID()] = publication
			all = append(all, describe(publication, participant))
		}
	}
	var heard map[string]bool
	if t.first() {
		t.demand.forget(present)
		t.choose(all, speaking(room.ActiveSpeakers(), present), room)
		heard = t.options.Only.heard(all)
		// The SDK empties its lists while it reconnects.
		if room.ConnectionState() == lksdk.ConnectionStateConnected {
			if err := t.present.check(all, identities, time.Now()); err != nil {
				return err
			}
		}
	}
	for _, p := range all {
		wanted := t.demand.wants(p.TrackID) && (t.first() || p.layered(t.stream))
		t.want(remote[p.TrackID], p.TrackID, wanted || heard[p.TrackID])
	}
	return nil
}

// speaking gives the identities of those who speak, the loudest first. The SDK
// keeps those who left while they spoke: they are told by their session (SID).
func speaking(active []lksdk.Participant, present map[string]bool) (speakers []string) {
	for _, p := range active {
		if present[p.SID()] {
			speakers = append(speakers, p.Identity())
		}
	}
	return speakers
}

func (t *tracks) choose(all []Publication, speakers []string, room *lksdk.Room) {
	pinned := parsePinned(room.Metadata())
	choice := t.chooser.choose(all, pinned, speakers, time.Now())
	t.demand.want(t.chooser.ready(all, pinned))
	t.options.Receiver.Chosen(choice)
	if trackID(choice.Main) != trackID(t.chosen.Main) || trackID(choice.Aside) != trackID(t.chosen.Aside) {
		t.options.Log.Info("pictures chosen", "main", trackID(choice.Main), "aside", trackID(choice.Aside))
	}
	t.chosen = choice
}

// want subscribes or unsubscribes, and asks again if nothing comes of it.
func (t *tracks) want(publication *lksdk.RemoteTrackPublication, id string, want bool) {
	t.mu.Lock()
	_, reading := t.readers[id]
	asked, pending := t.asked[id]
	now := time.Now()
	ask := want && !reading && (!pending || now.Sub(asked) > askAgain)
	drop := !want && (reading || pending)
	if ask {
		t.asked[id] = now
	}
	if drop {
		delete(t.asked, id)
	}
	t.mu.Unlock()
	if ask && publication.Kind() == lksdk.TrackKindVideo {
		// Before the track comes: to change its layer later takes another key frame.
		if err := publication.SetVideoQuality(qualities[t.stream]); err != nil {
			t.options.Log.Warn("video quality", "error", err)
		}
	}
	if ask || drop {
		if err := publication.SetSubscribed(want); err != nil {
			t.options.Log.Warn("subscription", "track", id, "want", want, "error", err)
		}
	}
}

func (t *tracks) subscribed(track *webrtc.TrackRemote, publication *lksdk.RemoteTrackPublication, participant *lksdk.RemoteParticipant) {
	r := newReader(t.options, track, publication, participant, t.demand.clock(participant.SID()))
	t.mu.Lock()
	t.readers[publication.SID()] = r
	delete(t.asked, publication.SID())
	t.mu.Unlock()
	t.options.Log.Info("track subscribed", "track", publication.SID(), "stream", t.stream, "source", publication.Source().String(), "mime", track.Codec().MimeType)
	publication.OnRTCP(r.report)
	go func() {
		r.run()
		t.forget(publication.SID(), r)
	}()
}

func (t *tracks) forget(id string, r *reader) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r == nil || t.readers[id] == r {
		delete(t.readers, id)
	}
}

func (t *tracks) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.asked)
	clear(t.readers)
}

func (t *tracks) requestKey(id string) {
	if r := t.reader(id); r != nil {
		r.requestKey()
	}
}

func (t *tracks) lossy(id string) bool {
	r := t.reader(id)
	return r != nil && r.waiting.Load()
}

func (t *tracks) reader(id string) *reader {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.readers[id]
}
