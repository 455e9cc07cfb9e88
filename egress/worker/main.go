// The media worker: registers with livekit-server as an egress and writes the
// broadcast of classes without transcoding the picture.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"amphi/worker/clock"
	"amphi/worker/config"
	"amphi/worker/protocol"
	"amphi/worker/store"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/logger"
	"github.com/livekit/psrpc/pkg/bus/redisbus"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const (
	startTimeout = 10 * time.Second
	// A run ends in well under a second; telling livekit-server of it may hang
	// with a Redis that is away, and is not worth more.
	drainTimeout = 10 * time.Second
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	c, err := config.Parse(os.Getenv)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel}))
	quiet := logger.LogRLogger(logr.Discard())
	lksdk.SetLogger(quiet)
	logger.SetLogger(quiet, "worker")

	if _, err := exec.LookPath("ffmpeg"); err != nil {
		return fmt.Errorf("ffmpeg is not on PATH: %w", err)
	}
	if err := os.MkdirAll(c.BroadcastDir, 0o755); err != nil {
		return fmt.Errorf("BROADCAST_DIR: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	client, err := store.Connect(c.RedisURL)
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	defer client.Close()
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	server, err := clock.NewServer(starting, func(ctx context.Context) (time.Time, error) { return store.Time(ctx, client) })
	if err != nil {
		return fmt.Errorf("REDIS_URL: redis does not answer: %w", err)
	}
	go server.Follow(ctx)

	capacity := protocol.NewCapacity()
	go capacity.Follow(ctx)
	worker, err := protocol.NewServer(protocol.Settings{
		Bus: redisbus.New(client), LiveKitURL: c.LiveKitURL,
		Key: c.LiveKitAPIKey, Secret: c.LiveKitAPISecret, BroadcastDir: c.BroadcastDir, Capacity: capacity,
		Now: server.Now, Log: log,
	})
	if err != nil {
		return err
	}
	log.Info("worker ready")
	<-ctx.Done()
	stop() // whoever signals again is obeyed at once
	log.Info("worker stopping")
	draining, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := worker.Shutdown(draining); err != nil {
		return err
	}
	log.Info("worker stopped")
	return nil
}
