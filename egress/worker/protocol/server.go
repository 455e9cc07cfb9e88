package protocol

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"amphi/worker/run"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
)

const (
	// The bid for what is refused: low, so that any other egress that can
	// serve it goes first, but a bid, so that the caller learns the reason.
	refusalBid = 0.01
	// The bid for a second run of a class that is written here already: a
	// standby is worth more in another process, and still something here.
	besideBid     = 0.05
	createTimeout = 3 * time.Second
)

// Settings of the server.
type Settings struct {
	Bus          psrpc.MessageBus
	LiveKitURL   string
	Key, Secret  string
	BroadcastDir string
	Capacity     *Capacity
	Now          func() time.Time
	Log          *slog.Logger
}

// Server registers this process as an egress worker and keeps its egresses.
type Server struct {
	Settings
	io    rpc.IOInfoClient
	inner rpc.EgressInternalServer

	mu       sync.Mutex
	egresses map[string]*egress
	draining bool
	running  sync.WaitGroup
}

func NewServer(settings Settings) (*Server, error) {
	io, err := rpc.NewIOInfoClient(settings.Bus)
	if err != nil {
		return nil, err
	}
	s := &Server{Settings: settings, io: io, egresses: map[string]*egress{}}
	if s.inner, err = rpc.NewEgressInternalServer(s, settings.Bus); err != nil {
		return nil, err
	}
	// livekit-server asks without a topic.
	return s, errors.Join(s.inner.RegisterStartEgressTopic(""), s.inner.RegisterListActiveEgressTopic(""))
}

// StartEgressAffinity is the bid for a request: none while draining.
func (s *Server) StartEgressAffinity(_ context.Context, request *rpc.StartEgressRequest) float32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return -1
	}
	order, err := ParseOrder(request, s.BroadcastDir)
	if err != nil || s.Capacity.Full() {
		return refusalBid
	}
	for _, other := range s.egresses {
		if other.order.ClassID == order.ClassID {
			return besideBid
		}
	}
	return s.Capacity.Bid()
}

// StartEgress answers when the egress is known to livekit-server; connecting
// goes on behind.
func (s *Server) StartEgress(ctx context.Context, request *rpc.StartEgressRequest) (*livekit.EgressInfo, error) {
	order, err := ParseOrder(request, s.BroadcastDir)
	if err != nil {
		s.Log.Warn("egress refused", "egressId", request.EgressId, "error", err)
		return nil, err
	}
	e := newEgress(s, order, request)
	if err := s.admit(e); err != nil {
		return nil, err
	}
	creating, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	if _, err := s.io.CreateEgress(creating, e.report.Info()); err != nil {
		s.release(e)
		return nil, psrpc.NewErrorf(psrpc.Unavailable, "amphi worker: livekit-server did not take the egress: %v", err)
	}
	if err := e.listen(); err != nil {
		err = fmt.Errorf("amphi worker: nobody could stop the egress: %w", err)
		s.serve(e, func() { e.end(run.Result{Err: err}) })
		return nil, psrpc.NewError(psrpc.Internal, err)
	}
	s.serve(e, e.execute)
	return e.report.Info(), nil
}

func (s *Server) admit(e *egress) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return psrpc.NewErrorf(psrpc.Unavailable, "amphi worker: shutting down")
	}
	for _, other := range s.egresses {
		if other.order.EgressID == e.order.EgressID || other.order.Dir == e.order.Dir {
			return psrpc.NewErrorf(psrpc.AlreadyExists, "amphi worker: %s is being written already", e.order.RunID)
		}
	}
	if s.Capacity.Full() {
		return psrpc.NewErrorf(psrpc.ResourceExhausted, "amphi worker: no processor time left for another class")
	}
	s.Capacity.Begin(e.order.EgressID)
	s.egresses[e.order.EgressID] = e
	s.running.Add(1)
	return nil
}

// serve until the egress has ended.
func (s *Server) serve(e *egress, until func()) {
	go func() {
		defer s.release(e)
		defer e.cancel()
		until()
	}()
}

func (s *Server) release(e *egress) {
	s.mu.Lock()
	delete(s.egresses, e.order.EgressID)
	s.mu.Unlock()
	s.Capacity.End(e.order.EgressID)
	s.running.Done()
}

// ListActiveEgress names what this process is writing.
func (s *Server) ListActiveEgress(context.Context, *rpc.ListActiveEgressRequest) (*rpc.ListActiveEgressResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	response := &rpc.ListActiveEgressResponse{}
	for id := range s.egresses {
		response.EgressIds = append(response.EgressIds, id)
	}
	return response, nil
}

// Shutdown takes nothing new, ends every run properly and tells of it, for as
// long as ctx allows.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.draining = true
	for _, e := range s.egresses {
		e.stop(livekit.EndReasonKilled)
	}
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.running.Wait(); close(ended) }()
	defer s.io.Close()
	defer s.inner.Kill()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopped before all runs had ended: %w", ctx.Err())
	}
}

// options of the run that serves an order.
func (s *Server) options(e *egress) run.Options {
	o := e.order
	return run.Options{
		Dir: o.Dir, ClassID: o.ClassID, RunID: o.RunID, EgressID: o.EgressID, RoomName: o.RoomName, Only: o.Only,
		URL: s.LiveKitURL, Key: s.Key, Secret: s.Secret, Now: s.Now, Log: e.log, Active: e.active,
	}
}
