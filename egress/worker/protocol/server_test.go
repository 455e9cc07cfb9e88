package protocol

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

const soon = 10 * time.Second

// desk is livekit-server's: it asks for egresses, and is told of them.
type desk struct {
	rpc.IOInfoClient
	asks rpc.EgressInternalClient
	bus  *lossyBus
	dir  string

	mu      sync.Mutex
	created []string
	ends    chan *livekit.EgressInfo
	hears   chan struct{} // closed: it takes what it is told
}

// lossyBus refuses who wants to listen to something.
type lossyBus struct {
	psrpc.MessageBus
	refused string
}

func (b *lossyBus) Subscribe(ctx context.Context, c psrpc.Channel, size int) (psrpc.Reader, error) {
	if b.refused != "" && strings.Contains(c.Legacy, b.refused) {
		return nil, errors.New("redis is away")
	}
	return b.MessageBus.Subscribe(ctx, c, size)
}

func (d *desk) CreateEgress(_ context.Context, info *livekit.EgressInfo, _ ...psrpc.RequestOption) (*emptypb.Empty, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.created = append(d.created, info.EgressId)
	return &emptypb.Empty{}, nil
}

func (d *desk) UpdateEgress(_ context.Context, info *livekit.EgressInfo, _ ...psrpc.RequestOption) (*emptypb.Empty, error) {
	<-d.hears
	d.ends <- info
	return &emptypb.Empty{}, nil
}

func (d *desk) Close() {}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{
		bus: &lossyBus{MessageBus: psrpc.NewLocalMessageBus()}, dir: t.TempDir(),
		ends: make(chan *livekit.EgressInfo, 100), hears: make(chan struct{}),
	}
	asks, err := rpc.NewEgressInternalClient(d.bus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(asks.Close)
	d.asks = asks
	return d
}

// worker of which somebody else has used so many of two cores.
func (d *desk) worker(t *testing.T, used float64) *Server {
	t.Helper()
	capacity, pass := machine(2)
	pass(used, 60)
	s, err := NewServer(Settings{Bus: d.bus, BroadcastDir: d.dir, Capacity: capacity, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.io.Close()
	s.io = d
	t.Cleanup(s.inner.Kill)
	return s
}

// order of a class that cannot be written: its run ends at once, and then as
// soon as this is heard of.
func (d *desk) order(t *testing.T, class string) *rpc.StartEgressRequest {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, class), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	request := composite(func(r *livekit.RoomCompositeEgressRequest) {
		r.RoomName, r.SegmentOutputs[0].FilenamePrefix = class, filepath.Join(d.dir, class, "run_1", "seg")
	})
	request.EgressId = "EG_" + class
	return request
}

// ask as livekit-server does, only sooner at the end of its patience.
func (d *desk) ask(request *rpc.StartEgressRequest) error {
	_, err := d.asks.StartEgress(context.Background(), "", request, psrpc.WithRequestTimeout(soon), psrpc.WithSelectionOpts(psrpc.SelectionOpts{
		MaximumAffinity: 1, AffinityTimeout: 5 * time.Second, ShortCircuitTimeout: time.Second,
	}))
	return err
}

func (d *desk) end(t *testing.T) *livekit.EgressInfo {
	t.Helper()
	select {
	case info := <-d.ends:
		return info
	case <-time.After(soon):
		t.Fatal("no end was told")
		return nil
	}
}

func active(t *testing.T, s *Server) []string {
	t.Helper()
	response, err := s.ListActiveEgress(context.Background(), &rpc.ListActiveEgressRequest{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(response.EgressIds)
	return response.EgressIds
}

func TestAFullWorkerLeavesAClassToAnotherAndRefusesItWhereThereIsNone(t *testing.T) {
	d := newDesk(t)
	close(d.hears)
	full := d.worker(t, 1.8)
	if bid := full.StartEgressAffinity(context.Background(), d.order(t, "cls_bid")); bid != refusalBid {
		t.Errorf("a full worker bids %f", bid)
	}
	var code psrpc.Error
	err := d.ask(d.order(t, "cls_a"))
	if !errors.As(err, &code) || code.Code() != psrpc.ResourceExhausted || !strings.Contains(err.Error(), "no processor time left") {
		t.Errorf("a full worker answers %v", err)
	}
	if len(d.created) > 0 || len(active(t, full)) > 0 {
		t.Errorf("a full worker has taken %v", d.created)
	}
	d.worker(t, 0.1)
	for n := range 5 {
		if err := d.ask(d.order(t, fmt.Sprintf("cls_%d", n))); err != nil {
			t.Errorf("where there is room: %v", err)
		}
	}
	for range 5 {
		d.end(t)
	}
}

// As many as were asked for in one moment, before any of them costs anything.
func TestAWorkerIsFilledByWhatItHasJustTaken(t *testing.T) {
	d := newDesk(t)
	s := d.worker(t, 0)
	defer s.running.Wait()
	defer close(d.hears)
	taken := 0
	for n := range 20 {
		if _, err := s.StartEgress(context.Background(), d.order(t, fmt.Sprintf("cls_%d", n))); err == nil {
			taken++
		}
	}
	if taken != 16 || len(active(t, s)) != 16 {
		t.Errorf("%d of 20 classes were taken, %d are served", taken, len(active(t, s)))
	}
}

func TestAnEgressThatNobodyCouldStopEndsInWords(t *testing.T) {
	d := newDesk(t)
	close(d.hears)
	s := d.worker(t, 0)
	d.bus.refused = "EG_cls_a"
	if err := d.ask(d.order(t, "cls_a")); err == nil || !strings.Contains(err.Error(), "redis is away") {
		t.Errorf("answered %v", err)
	}
	info := d.end(t)
	if info.EgressId != "EG_cls_a" || info.Status != livekit.EgressStatus_EGRESS_FAILED || info.EndedAt == 0 ||
		info.ErrorCode != 500 || !strings.Contains(info.Error, "nobody could stop the egress: redis is away") {
		t.Errorf("told %v", info)
	}
	s.running.Wait()
	if ids := active(t, s); len(ids) > 0 {
		t.Errorf("still serves %v", ids)
	}
}

func TestAWorkerThatDrainsTakesNothingNewAndWaitsForWhatItHas(t *testing.T) {
	d := newDesk(t)
	s := d.worker(t, 0)
	if err := d.ask(d.order(t, "cls_a")); err != nil {
		t.Fatal(err)
	}
	if ids := active(t, s); !slices.Equal(ids, []string{"EG_cls_a"}) {
		t.Errorf("serves %v", ids)
	}
	impatient, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("left before an end was told: %v", err)
	}
	next := d.order(t, "cls_b")
	if bid := s.StartEgressAffinity(context.Background(), next); bid >= 0 {
		t.Errorf("a draining worker bids %f", bid)
	}
	// One that won just before.
	_, err := s.StartEgress(context.Background(), next)
	var code psrpc.Error
	if !errors.As(err, &code) || code.Code() != psrpc.Unavailable || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("a draining worker answers %v", err)
	}
	if ids := active(t, s); !slices.Equal(ids, []string{"EG_cls_a"}) {
		t.Errorf("while its end is not told, serves %v", ids)
	}
	close(d.hears)
	if info := d.end(t); info.EgressId != "EG_cls_a" {
		t.Errorf("told %v", info)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if ids := active(t, s); len(ids) > 0 {
		t.Errorf("after the drain serves %v", ids)
	}
}
