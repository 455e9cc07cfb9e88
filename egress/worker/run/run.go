// Package run is one broadcast of one class: from the room to files.
package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"amphi/worker/cmaf"
	"amphi/worker/h264"
	"amphi/worker/journal"
	"amphi/worker/mix"
	"amphi/worker/room"
)

// Two seconds of a class. Whoever sends more than is written waits, and then
// loses packets in the socket rather than take the memory of others.
const eventQueue = 512

// The variants of a run: one for each of the room's streams, the first one
// leads; then the second picture. Always all three, so that a run that follows
// another has what its players hold; where a publisher has fewer layers the
// lower ones are alike. Sound is muxed into every picture, so that a player
// needs no separate rendition.
var variants = []cmaf.Variant{
	{Name: "main", Picture: true, Sound: true},
	{Name: "mid", Picture: true, Sound: true},
	{Name: "low", Picture: true, Sound: true},
	{Name: "aside", Picture: true},
	{Name: "audio", Sound: true},
}

// Options of a run. Dir is where it writes; it must be new.
type Options struct {
	Dir      string
	ClassID  string
	RunID    string
	EgressID string
	RoomName string
	Only     room.Only
	URL      string
	Key      string
	Secret   string
	Now      func() time.Time // server time
	Log      *slog.Logger
	// Active is called once, when the first part is on disk.
	Active func()

	join func(room.Options) session // of tests; nil: the room
}

// session is a stay in a room.
type session interface {
	Run(context.Context) error
	RequestKey(stream int, track string)
	Lossy(stream int, track string) bool
}

func join(o room.Options) session { return room.NewSession(o) }

// Result is what became of a run. Err is nil if it was stopped.
type Result struct {
	Err      error
	Segments int
	Parts    int
	Size     int64 // bytes of media, of all variants
	Elapsed  time.Duration
}

var errFault = errors.New("run: a fault")

type run struct {
	Options
	zero    time.Time
	writer  *cmaf.Writer
	ladder  *ladder
	journal *journal.Journal
	mixer   *mix.Mixer
	session session
	events  chan func() error
	done    <-chan struct{}
	active  sync.Once

	lateness latency
}

// Execute runs until ctx ends or the run fails, and writes its end.
func Execute(ctx context.Context, o Options) Result {
	zero := o.Now()
	leadMs := journal.LeadMs(filepath.Dir(o.Dir), zero.UnixMilli())
	j, err := journal.Create(o.Dir, journal.Run{
		RunID: o.RunID, ClassID: o.ClassID, EgressID: o.EgressID, StartedAt: zero.UnixMilli(), Lead: leadMs,
	})
	if err != nil {
		return Result{Err: err}
	}
	slate, err := h264.NewSlate()
	if err != nil {
		return Result{Err: errors.Join(err, j.End(journal.Failed))}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writer := cmaf.NewWriter(o.Dir, j, zero, leadMs, variants)
	r := &run{
		Options: o, zero: zero, writer: writer, ladder: newLadder(writer, slate), journal: j,
		mixer: mix.NewMixer(0), events: make(chan func() error, eventQueue), done: ctx.Done(),
	}
	if o.join == nil {
		o.join = join
	}
	r.session = o.join(room.Options{
		URL: o.URL, Key: o.Key, Secret: o.Secret, RoomName: o.RoomName, Identity: o.EgressID,
		Now: o.Now, Zero: zero, Mixer: r.mixer, Only: o.Only, Receiver: r, Log: o.Log,
	})
	err = r.guarded(func() error { return r.work(ctx, cancel) })
	if stop := r.guarded(writer.Close); err == nil {
		err = stop
	}
	if stop := j.End(reason(err)); err == nil {
		err = stop
	}
	return Result{Err: err, Segments: writer.Segments(), Parts: writer.Parts(), Size: writer.Size(), Elapsed: o.Now().Sub(zero)}
}

// guarded: what a stranger sends may break a step that nobody thought of. That
// ends this run, not the worker with all of its classes.
func (r *run) guarded(step func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			r.Log.Error("run ended by a fault", "fault", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errFault, fault)
		}
	}()
	return step()
}

func reason(err error) journal.Reason {
	switch {
	case err == nil:
		return journal.Stopped
	case errors.Is(err, room.ErrClosed):
		return journal.RoomClosed
	default:
		return journal.Failed
	}
}
