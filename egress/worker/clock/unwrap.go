package clock

// Unwrap extends the 32-bit timestamps of one RTP stream to 64 bits, so that
// a 90 kHz clock, which wraps every 13.25 hours, never runs backwards.
// Timestamps may be out of order by less than half the 32-bit range.
type Unwrap struct {
	started bool
	last    int64
}

func (u *Unwrap) Extend(ts uint32) int64 {
	if !u.started {
		u.started = true
		u.last = int64(ts)
		return u.last
	}
	u.last += int64(int32(ts - uint32(u.last)))
	return u.last
}

// Near extends without moving: for reports that speak of another moment than
// the newest packet. Before the first packet it begins.
func (u *Unwrap) Near(ts uint32) int64 {
	if !u.started {
		return u.Extend(ts)
	}
	return u.last + int64(int32(ts-uint32(u.last)))
}
