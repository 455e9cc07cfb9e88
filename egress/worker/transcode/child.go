package transcode

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Two seconds of pictures: whoever is further behind starves.
	queueSize = 60
	// A picture takes 5-20 ms; one that is not back after three seconds never
	// will be. Starting on a busy machine takes one of them.
	patience = 3 * time.Second
	// What an ended child may take to give its last pictures.
	farewell = 2 * time.Second

	// 2 Mbit/s for 720p at 30 pictures a second, as Chromium's own encoder, and
	// in proportion.
	bitsPerPixel = 2_000_000.0 / (1280 * 720)
	bitsMin      = 150_000
)

// child is one ffmpeg: one codec, one size.
type child struct {
	width, height int
	queue         chan []byte
	cancel        context.CancelFunc
	ended         chan struct{}
	dead          atomic.Bool
	cmd           *exec.Cmd

	mu      sync.Mutex
	pending []sent // in order of sending
}

// sent is a picture that is in the child.
type sent struct {
	ms int64
	at time.Time
	of *picture
}

func ffmpeg(ctx context.Context, width, height int) *exec.Cmd {
	rate := fmt.Sprint(max(bitsMin, int(float64(width*height)*bitsPerPixel)))
	return exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin",
		"-protocol_whitelist", "pipe", "-probesize", "32", "-analyzeduration", "0", "-threads", "1", "-f", "ivf", "-i", "pipe:0",
		"-an", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline",
		"-pix_fmt", "yuv420p", "-threads", "1", "-crf", "23", "-maxrate", rate, "-bufsize", rate,
		// A key frame for each of theirs, so that asking for one works as ever.
		"-g", "100000", "-sc_threshold", "0", "-force_key_frames", "source", "-forced-idr", "1",
		"-fps_mode", "passthrough", "-enc_time_base", "1/1000",
		"-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1")
}

// startChild gives pictures, with what was sent for them, in order.
func startChild(c codec, width, height int, give func(sent, encoded)) (*child, error) {
	ctx, cancel := context.WithCancel(context.Background())
	k := &child{
		width: width, height: height, queue: make(chan []byte, queueSize), cancel: cancel,
		ended: make(chan struct{}), cmd: ffmpeg(ctx, width, height),
	}
	stdin, err := k.cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	stdout, err := k.cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := k.cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("ffmpeg: %w", err)
	}
	k.queue <- ivfHeader(c.fourCC, width, height)
	go k.feed(stdin)
	go func() {
		defer close(k.ended)
		readFLV(stdout, func(e encoded) {
			if s, ok := k.answered(e.ms); ok {
				give(s, e)
			}
		})
		k.dead.Store(true)
		cancel()
		k.cmd.Wait()
	}()
	return k, nil
}

func (k *child) feed(stdin io.WriteCloser) {
	defer stdin.Close()
	for data := range k.queue {
		if !k.dead.Load() {
			if _, err := stdin.Write(data); err != nil {
				k.dead.Store(true)
			}
		}
	}
}

// send gives a picture to the child. False: it is dead, or hopelessly behind.
func (k *child) send(p *picture, ms int64, now time.Time) bool {
	k.mu.Lock()
	starves := len(k.pending) > 0 && now.Sub(k.pending[0].at) > patience
	k.pending = append(k.pending, sent{ms, now, p})
	k.mu.Unlock()
	if starves || k.dead.Load() {
		return false
	}
	select {
	case k.queue <- ivfFrame(p.data, ms):
		return true
	default:
		return false
	}
}

// answered finds what was sent for a picture. What was sent before it and did
// not come back was not to be shown.
func (k *child) answered(ms int64) (sent, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, s := range k.pending {
		if s.ms == ms {
			k.pending = append(k.pending[:i:i], k.pending[i+1:]...)
			k.pending = drop(k.pending, ms)
			return s, true
		}
	}
	return sent{}, false
}

func drop(pending []sent, before int64) []sent {
	kept := pending[:0]
	for _, s := range pending {
		if s.ms > before {
			kept = append(kept, s)
		}
	}
	return kept
}

// finish lets the child give what it has, ends it, and says what processor time
// it took.
func (k *child) finish() time.Duration {
	close(k.queue)
	select {
	case <-k.ended:
	case <-time.After(farewell):
		k.cancel()
		<-k.ended
	}
	return k.cmd.ProcessState.UserTime() + k.cmd.ProcessState.SystemTime()
}
