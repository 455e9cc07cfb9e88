package run

import (
	"context"
	"sync"
	"time"

	"amphi/worker/mix"
	"amphi/worker/room"
)

const (
	tickEvery   = 20 * time.Millisecond
	reportEvery = 10 * time.Second
)

// work starts what feeds the run and is the one goroutine that writes.
func (r *run) work(ctx context.Context, cancel context.CancelFunc) error {
	encoder, err := mix.NewEncoder(r.Log, r.sound())
	if err != nil {
		return err
	}
	left := make(chan error, 2)
	var feeding sync.WaitGroup
	feeding.Add(2)
	go func() { defer feeding.Done(); left <- r.guarded(func() error { return r.session.Run(ctx) }) }()
	go func() {
		defer feeding.Done()
		defer encoder.Close()
		if err := r.guarded(func() error { return r.mixing(ctx, encoder) }); err != nil {
			left <- err
		}
	}()
	defer feeding.Wait()
	defer cancel()

	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	reports := time.NewTicker(reportEvery)
	defer reports.Stop()
	jumps := newJumps(r.Now)
	for {
		next := r.tick
		select {
		case <-ctx.Done():
			return nil
		case err := <-left:
			return err
		case next = <-r.events:
		case <-ticker.C:
		case <-reports.C:
			r.lateness.report(r.Log, r.mixer.Lag())
			continue
		}
		if err := jumps.check(); err != nil {
			return err
		}
		if err := next(); err != nil {
			return err
		}
		r.written()
	}
}

func (r *run) now() time.Duration { return r.Now().Sub(r.zero) }

func (r *run) tick() error {
	now := r.now()
	asked, err := r.ladder.tick(now, func(key laneKey) bool { return r.session.Lossy(key.stream, key.track) })
	for _, key := range asked {
		r.session.RequestKey(key.stream, key.track)
	}
	if err != nil {
		return err
	}
	if line, changed := r.ladder.pictured(now); changed {
		r.Log.Info("picture", "main", line.Main, "aside", line.Aside)
		return r.journal.Picture(line)
	}
	return nil
}

// written notes progress: the first part, and how late parts are.
func (r *run) written() {
	if r.writer.Parts() == 0 {
		return
	}
	r.active.Do(r.Active)
	r.lateness.note(r.writer.Parts(), r.now()-fromTicks(r.writer.Written()))
}

func (r *run) post(event func() error) {
	select {
	case r.events <- event:
	case <-r.done:
	}
}

// Chosen and Picture make the run a room.Receiver.
func (r *run) Chosen(choice room.Choice) {
	r.post(func() error {
		r.ladder.choose(choice, r.now())
		return nil
	})
}

func (r *run) Picture(stream int, track string, f room.Frame, at time.Time) {
	r.post(func() error { return r.ladder.frame(laneKey{stream, track}, f, at.Sub(r.zero), r.now()) })
}

// sound numbers AAC frames: one for every block of the mixer.
func (r *run) sound() func([]byte) {
	at := r.mixer.Next()
	return func(frame []byte) {
		start := at
		at += mix.BlockFrames
		r.post(func() error { return r.writer.Sound(start, frame) })
	}
}

// mixing feeds the encoder until ctx ends.
func (r *run) mixing(ctx context.Context, encoder *mix.Encoder) error {
	ticker := time.NewTicker(tickEvery / 2)
	defer ticker.Stop()
	block := make([]byte, mix.BlockFrames*mix.Channels*2)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for ctx.Err() == nil && r.mixer.Take(r.now().Microseconds()*mix.SampleHz/1_000_000, time.Now(), block) {
			encoder.Write(block)
		}
	}
}
