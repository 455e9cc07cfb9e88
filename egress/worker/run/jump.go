package run

import (
	"errors"
	"time"
)

// Server time is slewed by up to half a second at once, and set if it is wrong
// by more than one.
const jumpMin = 750 * time.Millisecond

var errJump = errors.New("run: server time was set")

// jumps compares server time with a clock that nobody sets. When server time is
// set, every time of a run is wrong by as much: what was learned of publishers'
// clocks, where voices belong, how old pictures are. The run ends there; the
// next one knows nothing else.
type jumps struct {
	now  func() time.Time // server time
	base time.Time        // with a monotonic reading
	zero time.Time        // server time
	// The distance of the two clocks is between these: a process may be held up
	// between asking one and the other.
	least, most time.Duration
}

func newJumps(now func() time.Time) *jumps {
	j := &jumps{now: now, base: time.Now(), zero: now()}
	j.least, j.most = j.apart()
	return j
}

func (j *jumps) apart() (least, most time.Duration) {
	before := time.Since(j.base)
	told := j.now().Sub(j.zero)
	return told - time.Since(j.base), told - before
}

// check gives errJump if server time was set since the last check.
func (j *jumps) check() error {
	least, most := j.apart()
	if least-j.most > jumpMin || j.least-most > jumpMin {
		return errJump
	}
	j.least, j.most = least, most
	return nil
}
