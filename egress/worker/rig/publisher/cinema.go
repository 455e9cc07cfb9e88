package main

import (
	"errors"
	"io"
	"log"
	"os"
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
}

// picture is one frame of a film: what precedes its slice comes with it.
type picture struct {
	nals [][]byte
	key  bool
}

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

func (c *cinema) show(track *lksdk.LocalTrack, path string) {
	film, err := read(path)
	if err != nil {
		log.Fatal(err)
	}
	place, granted := 0, int64(0)
	for n := int64(0); ; n++ {
		time.Sleep(time.Until(c.begin.Add(time.Duration(n) * c.frame)))
		if key := c.key.Load(); key > granted && n >= key {
			granted = key
			for !film[place].key {
				place = (place + 1) % len(film)
			}
		}
		now := film[place]
		for i, nal := range now.nals {
			sample := media.Sample{Data: nal}
			if i == len(now.nals)-1 {
				sample.Duration = c.frame
			}
			if err := track.WriteSample(sample, nil); err != nil {
				log.Println("picture", err)
			}
		}
		place = (place + 1) % len(film)
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
		next.nals = append(next.nals, nal.Data)
		switch nal.UnitType {
		case h264reader.NalUnitTypeCodedSliceIdr, h264reader.NalUnitTypeCodedSliceNonIdr:
			next.key = nal.UnitType == h264reader.NalUnitTypeCodedSliceIdr
			film = append(film, next)
			next = picture{}
		}
	}
}
