package room

import (
	"errors"
	"sync/atomic"
	"time"
)

// A short cut is resumed within this, and nobody is missed. The SDK goes on for
// a minute, but waits longer from try to try: to join anew is quicker then.
const resumeMost = 4 * time.Second

var (
	errCutOff = errors.New("cut off from the room")
	// The SDK joins anew by itself when it cannot resume, but keeps those who
	// left meanwhile: they would be shown for ever.
	errAnew = errors.New("joined anew by the SDK")
)

// link watches one connection: it serves for as long as the SDK resumes it.
type link struct {
	since atomic.Pointer[time.Time] // cut off; nil: it is not
}

func (l *link) cut(now time.Time) { l.since.CompareAndSwap(nil, &now) }

func (l *link) resumed() { l.since.Store(nil) }

// check says why to join anew. The recorder is known by its sessions (SID): as
// it was when it joined, and now.
func (l *link) check(joined, present string, now time.Time) error {
	if present != joined {
		return errAnew
	}
	if since := l.since.Load(); since != nil && now.Sub(*since) > resumeMost {
		return errCutOff
	}
	return nil
}
