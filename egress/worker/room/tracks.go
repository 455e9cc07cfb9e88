package room

import (
	"context"
	"sync"
	"time"

	"amphi/worker/clock"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/livekit"
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

// tracks holds what is subscribed to and keeps it as it should be.
type tracks struct {
	options Options
	poke    chan struct{}

	mu         sync.Mutex
	asked      map[string]time.Time // by track id
	readers    map[string]*reader
	publishers map[string]*clock.Publisher // by participant sid: a reload is another clock
	chosen     string
}

func newTracks(options Options) *tracks {
	return &tracks{
		options: options, poke: make(chan struct{}, 1),
		asked: map[string]time.Time{}, readers: map[string]*reader{}, publishers: map[string]*clock.Publisher{},
	}
}

func (t *tracks) callback() *lksdk.RoomCallback {
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
		OnReconnected:             look,
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

// follow keeps subscriptions as they should be until ctx ends.
func (t *tracks) follow(ctx context.Context, room *lksdk.Room) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		t.look(room)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-t.poke:
		}
	}
}

func (t *tracks) look(room *lksdk.Room) {
	var all []Publication
	remote := map[string]*lksdk.RemoteTrackPublication{}
	for _, participant := range room.GetRemoteParticipants() {
		if participant.Kind() == lksdk.ParticipantEgress {
			continue
		}
		for _, track := range participant.TrackPublications() {
			publication, ok := track.(*lksdk.RemoteTrackPublication)
			if !ok {
				continue
			}
			remote[publication.SID()] = publication
			all = append(all, describe(publication, participant))
		}
	}
	t.mu.Lock()
	present := t.chosen
	t.mu.Unlock()
	picture, found := choosePicture(all, present)
	t.options.Sink.Chosen(picture, found)
	ready := chooseReady(all, picture.TrackID)
	for _, p := range all {
		want := found && p.TrackID == picture.TrackID || ready[p.TrackID] || audible(p)
		t.want(remote[p.TrackID], p.TrackID, want)
	}
	t.mu.Lock()
	changed := t.chosen != picture.TrackID
	t.chosen = picture.TrackID
	t.mu.Unlock()
	if changed {
		t.options.Log.Info("picture chosen", "track", picture.TrackID, "source", picture.Source.String(), "by", picture.Identity)
	}
}

func describe(publication *lksdk.RemoteTrackPublication, participant *lksdk.RemoteParticipant) Publication {
	info := publication.TrackInfo()
	return Publication{
		TrackID: publication.SID(), Source: publication.Source(), Video: publication.Kind() == lksdk.TrackKindVideo,
		Muted: publication.IsMuted(), MimeType: publication.MimeType(), Pixels: int(info.GetWidth() * info.GetHeight()),
		Identity: participant.Identity(), Metadata: participant.Metadata(),
	}
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
	if ask || drop {
		if err := publication.SetSubscribed(want); err != nil {
			t.options.Log.Warn("subscription", "track", id, "want", want, "error", err)
		}
	}
}

func (t *tracks) subscribed(track *webrtc.TrackRemote, publication *lksdk.RemoteTrackPublication, participant *lksdk.RemoteParticipant) {
	t.mu.Lock()
	publisher := t.publishers[participant.SID()]
	if publisher == nil {
		publisher = clock.NewPublisher()
		t.publishers[participant.SID()] = publisher
	}
	r := newReader(t.options, track, publication, participant, publisher)
	t.readers[publication.SID()] = r
	delete(t.asked, publication.SID())
	t.mu.Unlock()
	t.options.Log.Info("track subscribed", "track", publication.SID(), "source", publication.Source().String(), "mime", track.Codec().MimeType)
	publication.OnRTCP(r.report)
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		if err := publication.SetVideoQuality(livekit.VideoQuality_HIGH); err != nil {
			t.options.Log.Warn("video quality", "error", err)
		}
	}
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
