package room

import (
	"sync"

	"amphi/worker/clock"
)

// demand is what the connections of a session share: which pictures are wanted,
// and the clocks of those who send them.
type demand struct {
	mu     sync.Mutex
	wanted map[string]bool // track ids
	clocks map[string]*clock.Publisher
	pokes  []chan struct{}
}

func newDemand() *demand {
	return &demand{wanted: map[string]bool{}, clocks: map[string]*clock.Publisher{}}
}

func (d *demand) listen() chan struct{} {
	poke := make(chan struct{}, 1)
	d.pokes = append(d.pokes, poke)
	return poke
}

// want replaces what is wanted, and tells the other connections if it changed.
func (d *demand) want(wanted map[string]bool) {
	d.mu.Lock()
	changed := len(wanted) != len(d.wanted)
	for id := range wanted {
		changed = changed || !d.wanted[id]
	}
	d.wanted = wanted
	d.mu.Unlock()
	if !changed {
		return
	}
	for _, poke := range d.pokes {
		select {
		case poke <- struct{}{}:
		default:
		}
	}
}

func (d *demand) wants(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wanted[id]
}

// clock of a participant (sid): a reload is another clock. One for all of its
// layers, so that they are in step.
func (d *demand) clock(participant string) *clock.Publisher {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.clocks[participant] == nil {
		d.clocks[participant] = clock.NewPublisher()
	}
	return d.clocks[participant]
}

// forget drops the clocks of those who have left.
func (d *demand) forget(present map[string]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for participant := range d.clocks {
		if !present[participant] {
			delete(d.clocks, participant)
		}
	}
}
