package protocol

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	sampleEvery = 2 * time.Second
	// What a class is taken to cost before it was measured: a core's tenth is
	// the ladder's bound, and the first seconds cost most.
	classCores = 0.1
	// A burst of one sample is no load; what lasts is known after some four.
	sampleWeight = 0.3
	// Measured use has three quarters of a class that began this long ago: until
	// then it is counted by what it is taken to cost, less and less.
	unmeasured = 8 * time.Second
	// Above this share of the machine nothing new is taken: a burst of key
	// frames, a transcoded picture and the neighbours need the rest.
	fullShare = 0.8
	// Up to this share the first answer wins at once, above it the emptier worker.
	easyShare = 0.4
	// The bid right above the easy share; it falls with what is left.
	busyBid = 0.9
	// The bid of a worker on a machine that others have filled: below that of any
	// other that is not full, which bids 0.3 at least.
	crowdedBid = 0.1
)

// Capacity measures what this process and its children use of the machine.
type Capacity struct {
	cores float64
	spent func() (time.Duration, error)
	idle  func() (idle, total time.Duration, err error)

	now func() time.Time

	mu    sync.Mutex
	used  float64 // cores, smoothed
	busy  float64 // share of the machine that is used by anybody, smoothed
	quiet time.Duration
	all   time.Duration
	last  time.Duration
	at    time.Time
	begun map[string]time.Time // when classes began, for as long as they count
}

func NewCapacity() *Capacity {
	return &Capacity{cores: float64(runtime.GOMAXPROCS(0)), spent: familyTime, idle: machineTime, now: time.Now, begun: map[string]time.Time{}}
}

// Follow samples until ctx ends.
func (c *Capacity) Follow(ctx context.Context) {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		c.sample(c.now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (c *Capacity) sample(now time.Time) {
	spent, err := c.spent()
	if err != nil {
		return // the last measure and the count of new classes have to do
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// A child that ended takes its time with it: count from there.
	if elapsed := now.Sub(c.at); !c.at.IsZero() && elapsed > 0 && spent >= c.last {
		used := float64(spent-c.last) / float64(elapsed)
		c.used += sampleWeight * (used - c.used)
	}
	c.last, c.at = spent, now
	c.look()
	for id, began := range c.begun {
		if now.Sub(began) >= unmeasured {
			delete(c.begun, id)
		}
	}
}

// look at what the neighbours leave.
func (c *Capacity) look() {
	quiet, all, err := c.idle()
	if err != nil {
		return
	}
	if c.all > 0 && all > c.all {
		busy := 1 - float64(quiet-c.quiet)/float64(all-c.all)
		c.busy += sampleWeight * (busy - c.busy)
	}
	c.quiet, c.all = quiet, all
}

// Begin counts a class before it can be measured.
func (c *Capacity) Begin(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun[id] = c.now()
}

// End of a class: what it was taken to cost is free again.
func (c *Capacity) End(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.begun, id)
}

// Share of the machine that would be used with one more class.
func (c *Capacity) Share() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	classes, now := 1.0, c.now()
	for _, began := range c.begun {
		classes += max(0, 1-float64(now.Sub(began))/float64(unmeasured))
	}
	return (c.used + classCores*classes) / c.cores
}

// Full says that one more class would be one too many.
func (c *Capacity) Full() bool { return c.Share() > fullShare }

// Bid is between 0 and 1: 1 up to where another class is not noticed. A worker
// whose neighbours leave nothing stands back for others, and still serves where
// there is no other: a broadcast that stutters is better than none.
func (c *Capacity) Bid() float32 {
	share, most := c.Share(), 1.0
	c.mu.Lock()
	if c.busy > fullShare {
		most = crowdedBid
	}
	c.mu.Unlock()
	if share <= easyShare {
		return float32(most)
	}
	return float32(min(most, busyBid*(1-share)/(1-easyShare)))
}
