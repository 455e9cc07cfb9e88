// A publisher for tests and measurements: shows an H.264 file and beeps, both
// in step with the wall clock. With a file that flashes at the beginning of
// each second, beep and flash belong together.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"gopkg.in/hraban/opus.v2"
)

const (
	soundHz   = 48_000
	soundStep = 20 * time.Millisecond
	stepSize  = soundHz / 50
	beepHz    = 1000
	beep      = 100 * time.Millisecond
)

func main() {
	url := flag.String("url", "", "LiveKit URL")
	token := flag.String("token", "", "access token")
	picture := flag.String("picture", "", "H.264 file (Annex B), shown in a loop; none: sound only")
	lower := flag.String("lower", "", "files of the layers below, path:WIDTHxHEIGHT, with commas, the lowest first; key frames where the picture has them")
	width := flag.Int("width", 1280, "of the picture")
	height := flag.Int("height", 720, "of the picture")
	rate := flag.Int("rate", 30, "frames a second")
	sound := flag.Bool("sound", true, "beep")
	share := flag.Bool("share", false, "publish as a screen share")
	answer := flag.Bool("answer", false, "when a key frame is asked for, go on with the next one of the film, as an encoder does at once; out of step with the clock")
	flag.Parse()
	lksdk.SetLogger(logger.LogRLogger(logr.Discard()))
	room, err := lksdk.ConnectToRoomWithToken(*url, *token, nil, lksdk.WithAutoSubscribe(false))
	if err != nil {
		log.Fatal(err)
	}
	clock := &cinema{}
	begin := time.Now().Truncate(time.Second).Add(2 * time.Second)
	if *picture != "" {
		source := livekit.TrackSource_CAMERA
		if *share {
			source = livekit.TrackSource_SCREEN_SHARE
		}
		frame := time.Second / time.Duration(*rate)
		options := &lksdk.TrackPublicationOptions{Name: "picture", Source: source, VideoWidth: *width, VideoHeight: *height}
		clock.begin, clock.frame = begin, frame
		var asked []lksdk.LocalTrackOptions
		if *answer {
			asked = append(asked, lksdk.WithRTCPHandler(clock.hear))
		}
		if *lower == "" {
			clock.sent.Store(1)
			go clock.show(publish(room, h264, options, asked...), 0, *picture)
		} else {
			ladder := append(parseLayers(*lower), layer{*picture, uint32(*width), uint32(*height)})
			clock.sent.Store(int32(len(ladder)))
			for i, track := range publishLayers(room, ladder, options, asked...) {
				go clock.show(track, int32(i), ladder[i].path)
			}
		}
	}
	if *sound {
		track := publish(room, webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: soundHz, Channels: 2}, &lksdk.TrackPublicationOptions{
			Name: "sound", Source: livekit.TrackSource_MICROPHONE,
		})
		go tone(track, begin)
	}
	log.Println("publishing, the first frame at", begin.UnixMilli())
	go clock.listen(os.Stdin)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	room.Disconnect()
}

const clockRate = 90_000

var h264 = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: clockRate}

type layer struct {
	path          string
	width, height uint32
}

func parseLayers(text string) (layers []layer) {
	for _, part := range strings.Split(text, ",") {
		var l layer
		path, size, _ := strings.Cut(part, ":")
		if _, err := fmt.Sscanf(size, "%dx%d", &l.width, &l.height); err != nil {
			log.Fatalf("%q is not path:WIDTHxHEIGHT", part)
		}
		l.path = path
		layers = append(layers, l)
	}
	return layers
}

// publishLayers publishes one track in up to three layers, the lowest first.
func publishLayers(room *lksdk.Room, layers []layer, options *lksdk.TrackPublicationOptions, asked ...lksdk.LocalTrackOptions) (tracks []*lksdk.LocalTrack) {
	id := fmt.Sprintf("layers-%d", time.Now().UnixNano())
	for i, l := range layers {
		quality := livekit.VideoQuality(int(livekit.VideoQuality_HIGH) - len(layers) + 1 + i)
		layer := lksdk.WithSimulcast(id, &livekit.VideoLayer{Quality: quality, Width: l.width, Height: l.height})
		track, err := lksdk.NewLocalTrack(h264, append(asked, layer)...)
		if err != nil {
			log.Fatal(err)
		}
		tracks = append(tracks, track)
	}
	if _, err := room.LocalParticipant.PublishSimulcastTrack(tracks, options); err != nil {
		log.Fatal(err)
	}
	return tracks
}

func publish(room *lksdk.Room, codec webrtc.RTPCodecCapability, options *lksdk.TrackPublicationOptions, asked ...lksdk.LocalTrackOptions) *lksdk.LocalTrack {
	track, err := lksdk.NewLocalTrack(codec, asked...)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := room.LocalParticipant.PublishTrack(track, options); err != nil {
		log.Fatal(err)
	}
	return track
}

func tone(track *lksdk.LocalTrack, begin time.Time) {
	encoder, err := opus.NewEncoder(soundHz, 2, opus.AppVoIP)
	if err != nil {
		log.Fatal(err)
	}
	pcm := make([]int16, stepSize*2)
	data := make([]byte, 1500)
	for n := 0; ; n++ {
		at := time.Duration(n) * soundStep
		for i := range stepSize {
			value := int16(0)
			if at%time.Second < beep {
				value = int16(16_000 * math.Sin(2*math.Pi*beepHz*float64(n*stepSize+i)/soundHz))
			}
			pcm[i*2], pcm[i*2+1] = value, value
		}
		size, err := encoder.Encode(pcm, data)
		if err != nil {
			log.Fatal(err)
		}
		time.Sleep(time.Until(begin.Add(at)))
		if err := track.WriteSample(media.Sample{Data: data[:size], Duration: soundStep}, nil); err != nil {
			log.Println("sound", err)
		}
	}
}
