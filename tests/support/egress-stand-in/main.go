// A stand-in for an egress service, for tests: it registers with
// livekit-server as the real ones do, and does what livekit/egress was seen to
// do (bench official-engine runs the real one). MODE says how it behaves:
//
//	write      segments and playlists as livekit/egress writes them, by ffmpeg
//	black      the same with a black picture, as when its Chrome has died
//	exhausted  the same for some seconds, then ended by itself as complete
//	refuse     says no to every request
//	fail       accepts, and tells that its handler was killed
//	die        accepts, and is gone without a word
//	silent     accepts, calls itself active, and writes nothing
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"github.com/livekit/psrpc/pkg/bus/redisbus"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/proto"
)

type service struct {
	mode string
	bus  psrpc.MessageBus
	io   rpc.IOInfoClient
}

func (s *service) StartEgressAffinity(context.Context, *rpc.StartEgressRequest) float32 { return 1 }

func (s *service) StartEgress(ctx context.Context, request *rpc.StartEgressRequest) (*livekit.EgressInfo, error) {
	if s.mode == "refuse" {
		return nil, psrpc.NewErrorf(psrpc.ResourceExhausted, "stand-in: refused")
	}
	composite := request.GetRoomComposite()
	if composite == nil || len(composite.SegmentOutputs) != 1 {
		return nil, psrpc.NewErrorf(psrpc.InvalidArgument, "stand-in: only room composites with segments")
	}
	info := &livekit.EgressInfo{
		EgressId: request.EgressId, RoomId: request.RoomId, RoomName: composite.RoomName,
		SourceType: livekit.EgressSourceType_EGRESS_SOURCE_TYPE_WEB,
		Status:     livekit.EgressStatus_EGRESS_STARTING, UpdatedAt: time.Now().UnixNano(),
		Request: &livekit.EgressInfo_RoomComposite{RoomComposite: composite},
	}
	if _, err := s.io.CreateEgress(ctx, info); err != nil {
		return nil, err
	}
	fmt.Printf("started %s base=%s\n", request.EgressId, composite.CustomBaseUrl)
	e := &egress{service: s, info: info, stopped: make(chan struct{})}
	if s.mode == "die" {
		time.AfterFunc(50*time.Millisecond, func() { os.Exit(1) })
		return info, nil
	}
	handler, err := rpc.NewEgressHandlerServer(e, s.bus)
	if err != nil {
		return nil, err
	}
	if err := handler.RegisterStopEgressTopic(request.EgressId); err != nil {
		return nil, err
	}
	go func() {
		defer handler.Kill()
		e.serve(composite.SegmentOutputs[0])
	}()
	return proto.Clone(info).(*livekit.EgressInfo), nil
}

func (s *service) ListActiveEgress(context.Context, *rpc.ListActiveEgressRequest) (*rpc.ListActiveEgressResponse, error) {
	return &rpc.ListActiveEgressResponse{}, nil
}

func main() {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		panic(err)
	}
	bus := redisbus.New(redis.NewClient(options))
	io, err := rpc.NewIOInfoClient(bus)
	if err != nil {
		panic(err)
	}
	server, err := rpc.NewEgressInternalServer(&service{mode: os.Getenv("MODE"), bus: bus, io: io}, bus)
	if err != nil {
		panic(err)
	}
	if err := server.RegisterStartEgressTopic(""); err != nil {
		panic(err)
	}
	if err := server.RegisterListActiveEgressTopic(""); err != nil {
		panic(err)
	}
	fmt.Println("ready")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}
