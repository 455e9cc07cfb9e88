package main

import (
	"bufio"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/h264reader"
)

// cinema shows the films of one picture's layers in step: frame n at begin + n
// frames.
type cinema struct {
	begin time.Time
	frame time.Duration
	// The frame at which all layers are to go on with a key frame.
	key atomic.Int64
	// So many layers are sent, the lowest first.
	sent atomic.Int32
}

// picture is one frame of a film (Annex B): what precedes its slice comes with it.
type picture struct {
	data []byte
	key  bool
}

var startCode = []byte{0, 0, 0, 1}

// hear takes a wish for a key frame: all layers grant it in the same frame.
func (c *cinema) hear(packet rtcp.Packet) {
	switch packet.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		now := int64(time.Since(c.begin) / c.frame)
		if c.key.Load() <= now {
			c.key.Store(now + 2)
		}
	}
}

// listen takes, line by line, how many layers are sent from now on: what a
// publisher's network takes.
func (c *cinema) listen(from io.Reader) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		c.sent.Store(int32(count))
	}
}

// show sends one layer, while it is among those that are. Its time goes on
// meanwhile, and it comes back with a key frame.
func (c *cinema) show(track *lksdk.LocalTrack, layer int32, path string) {
	film, err := read(path)
	if err != nil {
		log.Fatal(err)
	}
	// A frame takes no whole number of ticks: the camera's clock is a little slow,
	// as such clocks are.
	ticks := uint32(c.frame.Seconds() * clockRate)
	first := rand.Uint32()
	place, granted, waits := 0, int64(0), false
	for n := int64(0); ; n++ {
		time.Sleep(time.Until(c.begin.Add(time.Duration(n) * c.frame)))
		if key := c.key.Load(); key > granted && n >= key {
			granted = key
			for !film[place].key {
				place = (place + 1) % len(film)
			}
		}
		now := film[place]
		place = (place + 1) % len(film)
		waits = layer >= c.sent.Load() || waits && !now.key
		if waits {
			continue
		}
		sample := media.Sample{Data: now.data, Duration: c.frame, PacketTimestamp: first + uint32(n)*ticks}
		if err := track.WriteSample(sample, nil); err != nil {
			log.Println("picture", err)
		}
	}
}

func read(path string) (film []picture, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, err := h264reader.NewReader(file)
	if err != nil {
		return nil, err
	}
	next := picture{}
	for {
		nal, err := reader.NextNAL()
		if errors.Is(err, io.EOF) {
			if len(film) == 0 || !film[0].key {
				return nil, errors.New(path + " does not begin with a key frame")
			}
			return film, nil
		}
		if err != nil {
			return nil, err
		}
		next.data = append(append(next.data, startCode...), nal.Data...)
		switch nal.UnitType {
		case h264reader.NalUnitTypeCodedSliceIdr, h264reader.NalUnitTypeCodedSliceNonIdr:
			next.key = nal.UnitType == h264reader.NalUnitTypeCodedSliceIdr
			film = append(film, next)
			next = picture{}
		}
	}
}
