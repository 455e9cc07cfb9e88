// Package clock knows what time it is: the server's, which is Redis TIME, and
// each publisher's, mapped to it.
package clock

import (
	"context"
	"sync"
	"time"
)

const (
	measureEvery = 10 * time.Second
	// The best of five round trips: one of them is not delayed by a scheduler.
	measureSamples = 5
	offsetStep     = time.Second
	// At every measurement half the difference: jitter of single ones is
	// damped, drift of 50 ppm (0.5 ms in between) is followed.
	offsetGain = 2
)

// Server gives server time: a monotonic local clock with an offset to Redis
// TIME. It steps only if the two are more than a second apart.
type Server struct {
	mu     sync.RWMutex
	base   time.Time
	offset time.Duration
	source Source
}

// Source asks the store for its time.
type Source func(context.Context) (time.Time, error)

// NewServer measures once.
func NewServer(ctx context.Context, source Source) (*Server, error) {
	s := &Server{base: time.Now(), source: source}
	offset, err := s.measure(ctx)
	if err != nil {
		return nil, err
	}
	s.offset = offset
	return s, nil
}

func (s *Server) Now() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.base.Add(time.Since(s.base) + s.offset).Round(0)
}

func (s *Server) measure(ctx context.Context) (time.Duration, error) {
	best, offset := time.Duration(1<<62), time.Duration(0)
	var last error
	for range measureSamples {
		before := time.Since(s.base)
		there, err := s.source(ctx)
		if err != nil {
			last = err
			continue
		}
		trip := time.Since(s.base) - before
		if trip < best {
			best, offset = trip, there.Round(0).Sub(s.base.Round(0).Add(before+trip/2))
		}
	}
	if best == time.Duration(1<<62) {
		return 0, last
	}
	return offset, nil
}

// Follow measures again and again until ctx ends.
func (s *Server) Follow(ctx context.Context) {
	ticker := time.NewTicker(measureEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		offset, err := s.measure(ctx)
		if err != nil {
			continue // the last offset is good for minutes
		}
		s.mu.Lock()
		if gap := offset - s.offset; absolute(gap) > offsetStep {
			s.offset = offset
		} else {
			s.offset += gap / offsetGain
		}
		s.mu.Unlock()
	}
}
