// A stand-in for an egress service, for tests: it registers with
// livekit-server as the real ones do. MODE says how it behaves:
//
//	write   segments and playlists as livekit/egress writes them, by ffmpeg
//	black   the same with a black picture, as when its Chrome has died
//	refuse  says no to every request
//	fail    accepts, and tells of an end with an error at once
//	die     accepts, and is gone without a word
//	silent  accepts, calls itself active, and writes nothing
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
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

type egress struct {
	*service
	mu      sync.Mutex
	info    *livekit.EgressInfo
	stopped chan struct{}
	once    sync.Once
}

func (e *egress) tell(status livekit.EgressStatus, problem string) *livekit.EgressInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.info.Status, e.info.Error, e.info.UpdatedAt = status, problem, time.Now().UnixNano()
	if status == livekit.EgressStatus_EGRESS_ACTIVE {
		e.info.StartedAt = e.info.UpdatedAt
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	copied := proto.Clone(e.info).(*livekit.EgressInfo)
	_, _ = e.io.UpdateEgress(ctx, copied)
	return copied
}

func (e *egress) serve(output *livekit.SegmentedFileOutput) {
	if e.mode == "fail" {
		e.tell(livekit.EgressStatus_EGRESS_FAILED, "stand-in: failed")
		return
	}
	var encoder *exec.Cmd
	if e.mode != "silent" {
		encoder = encode(e.mode, output)
		if err := encoder.Start(); err != nil {
			e.tell(livekit.EgressStatus_EGRESS_FAILED, err.Error())
			return
		}
	}
	e.tell(livekit.EgressStatus_EGRESS_ACTIVE, "")
	<-e.stopped
	if encoder != nil {
		_ = encoder.Process.Signal(syscall.SIGINT)
		_ = encoder.Wait()
	}
	e.tell(livekit.EgressStatus_EGRESS_COMPLETE, "")
}

func (e *egress) StopEgress(context.Context, *livekit.StopEgressRequest) (*livekit.EgressInfo, error) {
	info := e.tell(livekit.EgressStatus_EGRESS_ENDING, "")
	e.once.Do(func() { close(e.stopped) })
	return info, nil
}

func (e *egress) UpdateStream(context.Context, *livekit.UpdateStreamRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.Unimplemented, "stand-in: no streams")
}

func (e *egress) UpdateEgress(context.Context, *livekit.UpdateEgressRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.Unimplemented, "stand-in: no updates")
}

// MPEG-TS segments named by number, and an EVENT playlist that holds them all
// with a date each, like livekit/egress.
func encode(mode string, output *livekit.SegmentedFileOutput) *exec.Cmd {
	dir := filepath.Dir(output.FilenamePrefix)
	_ = os.MkdirAll(dir, 0o755)
	seconds := fmt.Sprint(output.SegmentDuration)
	picture := "testsrc2=size=640x360:rate=15"
	if mode == "black" {
		picture = "color=black:size=640x360:rate=15"
	}
	encoder := exec.Command("ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error",
		"-re", "-f", "lavfi", "-i", picture, "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
		"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
		"-force_key_frames", "expr:gte(t,n_forced*"+seconds+")", "-c:a", "aac",
		"-f", "hls", "-hls_time", seconds, "-hls_list_size", "0", "-hls_playlist_type", "event",
		"-hls_flags", "program_date_time", "-hls_segment_filename", output.FilenamePrefix+"_%05d.ts",
		filepath.Join(dir, filepath.Base(output.PlaylistName)))
	// It goes down with this process, however that ends.
	encoder.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return encoder
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
