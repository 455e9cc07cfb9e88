package transcode

import (
	"bytes"
	"testing"

	"amphi/worker/h264"

	"github.com/pion/rtp"
)

var fuzzed = [...]string{"video/vp8", "video/vp9", "video/av1", "video/h264"}

// FuzzGather takes a codec, then packets: flags (1 marker, 2 after a loss, 4
// another picture) and a payload with its length before it.
func FuzzGather(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		g := newGather(known[fuzzed[data[0]%4]])
		timestamp, lost := uint32(0xffff_0000), true
		for data = data[1:]; len(data) >= 2; {
			flags, size := data[0], min(int(data[1]), len(data)-2)
			if flags&4 != 0 {
				timestamp += 3000
			}
			lost = lost || flags&2 != 0
			picture := g.push(&rtp.Packet{
				Header:  rtp.Header{Timestamp: timestamp, Marker: flags&1 != 0},
				Payload: data[2 : 2+size],
			}, noon, flags&2 != 0)
			data = data[2+size:]
			if picture == nil {
				continue
			}
			if len(picture.data) == 0 || picture.timestamp != timestamp || g.waiting {
				t.Fatalf("a picture that is none: %+v", picture)
			}
			if lost && !picture.key {
				t.Fatal("it goes on after a loss without a key frame")
			}
			if picture.key && !h264.Playable(picture.width, picture.height) {
				t.Fatalf("a key frame of %dx%d", picture.width, picture.height)
			}
			lost = false
		}
	})
}

func FuzzFLV(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		given := 0
		readFLV(bytes.NewReader(data), func(e encoded) {
			given += len(e.unit.Sample())
			if e.unit.Key && !e.unit.Picture() {
				t.Fatal("a key frame without a slice")
			}
		})
		if given > len(data) {
			t.Fatalf("%d bytes of %d", given, len(data))
		}
	})
}
