package clock

import (
	"sync"
	"time"
)

// Publisher maps the clock of one publisher, wrong by an unknown amount, to
// server time. The amount is the smallest seen (arrival - NTP) over all its
// tracks and reports; being common to them, sound and picture stay together.
type Publisher struct {
	mu      sync.Mutex
	offsets minWindow // server time - publisher's time
	// A new epoch begins when the publisher's clock was set: what was learned
	// from reports before says nothing of it.
	epoch int
}

func NewPublisher() *Publisher { return &Publisher{} }

// Track maps the RTP timestamps of one track of the publisher.
func (p *Publisher) Track(rateHz int) *Track {
	return &Track{publisher: p, rate: int64(rateHz)}
}

func absolute(d time.Duration) time.Duration {
	if d < 0 {
		return -d
	}
	return d
}
