// A publisher for tests: shows a file of VP8, VP9 or AV1 (IVF) once, as a
// camera that knows no H.264 does.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

func main() {
	url := flag.String("url", "", "LiveKit URL")
	token := flag.String("token", "", "access token")
	picture := flag.String("picture", "", "IVF file")
	width := flag.Int("width", 640, "of the picture")
	height := flag.Int("height", 360, "of the picture")
	flag.Parse()
	lksdk.SetLogger(logger.LogRLogger(logr.Discard()))
	room, err := lksdk.ConnectToRoomWithToken(*url, *token, nil, lksdk.WithAutoSubscribe(false))
	if err != nil {
		log.Fatal(err)
	}
	track, err := lksdk.NewLocalFileTrack(*picture)
	if err != nil {
		log.Fatal(err)
	}
	options := &lksdk.TrackPublicationOptions{
		Name: "picture", Source: livekit.TrackSource_CAMERA, VideoWidth: *width, VideoHeight: *height,
	}
	if _, err := room.LocalParticipant.PublishTrack(track, options); err != nil {
		log.Fatal(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	room.Disconnect()
}
