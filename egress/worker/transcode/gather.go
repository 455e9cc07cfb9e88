package transcode

import (
	"time"

	"amphi/worker/h264"

	"github.com/pion/rtp"
)

// The worst key frame of a 1080p share is under 1 MB.
const pictureMax = 8 << 20

// picture is one coded picture as it was sent.
type picture struct {
	data          []byte
	key           bool
	width, height int
	timestamp     uint32
	arrival       time.Time
}

// gather makes pictures of packets in order. After a loss it gives nothing
// until the next key frame.
type gather struct {
	codec
	take    func([]byte) ([]byte, error)
	now     picture
	filled  bool
	skips   bool // the rest of the picture of now.timestamp
	waiting bool // for a key frame
}

func newGather(c codec) *gather { return &gather{codec: c, waiting: true} }

func (g *gather) push(p *rtp.Packet, arrival time.Time, lost bool) *picture {
	if lost {
		g.lose(p.Timestamp)
	}
	if len(p.Payload) == 0 || g.skips && p.Timestamp == g.now.timestamp {
		return nil
	}
	if g.filled && p.Timestamp != g.now.timestamp {
		g.lose(g.now.timestamp) // LiveKit cut it off to change layers
	}
	if !g.filled {
		g.filled, g.skips, g.take = true, false, g.open()
		g.now = picture{timestamp: p.Timestamp, arrival: arrival}
	}
	data, err := g.take(p.Payload)
	g.now.data = append(g.now.data, data...)
	if err != nil || len(g.now.data) > pictureMax {
		g.lose(p.Timestamp)
		return nil
	}
	if !p.Marker {
		return nil
	}
	g.filled = false
	return g.finish()
}

// lose also the picture of a packet that follows a gap: nobody knows whether
// that packet is its first.
func (g *gather) lose(timestamp uint32) {
	g.filled, g.skips, g.waiting = false, true, true
	g.now.timestamp = timestamp
}

func (g *gather) finish() *picture {
	if len(g.now.data) == 0 {
		return nil
	}
	g.now.key, g.now.width, g.now.height = g.key(g.now.data)
	if g.now.key && !h264.Playable(g.now.width, g.now.height) {
		return nil // the true pictures never referred to it
	}
	if g.waiting && !g.now.key {
		return nil
	}
	g.waiting = false
	done := g.now
	return &done
}
