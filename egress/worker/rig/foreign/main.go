// A publisher for tests: shows a VP8 file (IVF) again and again, as a camera
// that knows no H.264 does.
package main

import (
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
)

func main() {
	url := flag.String("url", "", "LiveKit URL")
	token := flag.String("token", "", "access token")
	picture := flag.String("picture", "", "IVF file")
	width := flag.Int("width", 640, "of the picture")
	height := flag.Int("height", 360, "of the picture")
	rate := flag.Int("rate", 30, "pictures a second")
	flag.Parse()
	lksdk.SetLogger(logger.LogRLogger(logr.Discard()))
	room, err := lksdk.ConnectToRoomWithToken(*url, *token, nil, lksdk.WithAutoSubscribe(false))
	if err != nil {
		log.Fatal(err)
	}
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90_000})
	if err != nil {
		log.Fatal(err)
	}
	options := &lksdk.TrackPublicationOptions{
		Name: "picture", Source: livekit.TrackSource_CAMERA, VideoWidth: *width, VideoHeight: *height,
	}
	if _, err := room.LocalParticipant.PublishTrack(track, options); err != nil {
		log.Fatal(err)
	}
	go show(track, *picture, time.Second/time.Duration(*rate))
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	room.Disconnect()
}

func show(track *lksdk.LocalTrack, path string, each time.Duration) {
	for at := time.Now(); ; {
		file, err := os.Open(path)
		if err != nil {
			log.Fatal(err)
		}
		reader, _, err := ivfreader.NewWith(file)
		if err != nil {
			log.Fatal(err)
		}
		for {
			data, _, err := reader.ParseNextFrame()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				log.Fatal(err)
			}
			time.Sleep(time.Until(at))
			at = at.Add(each)
			if err := track.WriteSample(media.Sample{Data: data, Duration: each}, nil); err != nil {
				log.Println(err)
			}
		}
		file.Close()
	}
}
