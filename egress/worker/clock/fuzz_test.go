package clock

import (
	"encoding/binary"
	"testing"
	"time"
)

// FuzzReports lets two tracks of a publisher say anything: each 14 bytes are a
// packet or a report, a timestamp, a time of its own clock, and time that passes.
func FuzzReports(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		p := NewPublisher()
		tracks := []*Track{p.Track(48_000), p.Track(90_000)}
		now := epoch
		for ; len(data) >= 14; data = data[14:] {
			track := tracks[data[0]&1]
			ts := binary.BigEndian.Uint32(data[1:])
			now = now.Add(time.Duration(data[13]) * time.Millisecond)
			if data[0]&2 != 0 {
				track.Report(time.Unix(int64(binary.BigEndian.Uint32(data[5:])), int64(binary.BigEndian.Uint32(data[9:]))), ts, now)
				continue
			}
			at := track.At(ts, now)
			if ahead := at.Sub(now); ahead > excessMax+stepBeyond {
				t.Fatalf("mapped %v after its arrival", ahead)
			}
		}
	})
}
