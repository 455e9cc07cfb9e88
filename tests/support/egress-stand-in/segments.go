package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/livekit/protocol/livekit"
)

// The newest segments that the live playlist has.
const liveWindow = 5

// Its MPEG-TS starts at an hour.
const firstSecond = 3600

// From the third hour on livekit/egress copies its whole playlist with every third
// segment only: here from the start, so that nobody relies on it.
const wholeEvery = 3

// writer makes a run as livekit/egress does: in a directory of its own, from where
// what is whole is copied (not moved: a reader may meet half a file), a segment
// before the playlists that name it.
type writer struct {
	output  *livekit.SegmentedFileOutput
	dir     string
	encoder *exec.Cmd
	done    chan struct{}
	started time.Time
	entries []string
}

// H.264 as its x264enc makes it (main profile, B-frames, a key frame a second), AAC at
// 44.1 kHz.
func startWriter(mode string, output *livekit.SegmentedFileOutput) (*writer, error) {
	dir, err := os.MkdirTemp("", "egress-stand-in-")
	if err != nil {
		return nil, err
	}
	seconds := fmt.Sprint(output.SegmentDuration)
	picture := "testsrc2=size=640x360:rate=15"
	if mode == "black" {
		picture = "color=black:size=640x360:rate=15"
	}
	encoder := exec.Command("ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error",
		"-re", "-f", "lavfi", "-i", picture, "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
		"-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-bf", "2", "-rc-lookahead", "15",
		"-pix_fmt", "yuv420p", "-force_key_frames", "expr:gte(t,n_forced*"+seconds+")", "-c:a", "aac", "-ac", "2",
		"-output_ts_offset", fmt.Sprint(firstSecond), "-f", "segment", "-segment_time", seconds, "-segment_format", "mpegts",
		"-segment_list", "pipe:1", "-segment_list_type", "csv",
		filepath.Join(dir, filepath.Base(output.FilenamePrefix)+"_%05d.ts"))
	// It goes down with this process, however that ends.
	encoder.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	lines, err := encoder.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w := &writer{output: output, dir: dir, encoder: encoder, done: make(chan struct{}), started: time.Now()}
	if err := encoder.Start(); err != nil {
		return nil, err
	}
	go w.follow(lines)
	return w, nil
}

// Each line is a finished segment: its name, its start and its end in seconds.
func (w *writer) follow(lines io.Reader) {
	defer close(w.done)
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		fields := strings.Split(scanner.Text(), ",")
		start, _ := strconv.ParseFloat(fields[1], 64)
		end, _ := strconv.ParseFloat(fields[2], 64)
		// ffmpeg counts the first one from 0.
		start = max(start, firstSecond)
		w.copy(fields[0])
		_ = os.Remove(filepath.Join(w.dir, fields[0]))
		at := w.started.Add(time.Duration((start - firstSecond) * float64(time.Second)))
		w.entries = append(w.entries, fmt.Sprintf("#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:%.3f,\n%s\n",
			at.UTC().Format("2006-01-02T15:04:05.999Z07:00"), end-start, fields[0]))
		if len(w.entries)%wholeEvery == 1 {
			w.list(w.output.PlaylistName, 0, true, "")
		}
		w.list(w.output.LivePlaylistName, max(0, len(w.entries)-liveWindow), false, "")
	}
}

func (w *writer) list(name string, first int, isEvent bool, tail string) {
	if name == "" {
		return
	}
	kind := ""
	if isEvent {
		kind = "#EXT-X-PLAYLIST-TYPE:EVENT\n"
	}
	text := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:4\n%s#EXT-X-ALLOW-CACHE:NO\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n%s%s",
		kind, w.output.SegmentDuration, first, strings.Join(w.entries[first:], ""), tail)
	name = filepath.Base(name)
	_ = os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644)
	w.copy(name)
}

// As its local uploader: the target is emptied first.
func (w *writer) copy(name string) {
	target := filepath.Dir(w.output.FilenamePrefix)
	_ = os.MkdirAll(target, 0o755)
	from, err := os.Open(filepath.Join(w.dir, name))
	if err != nil {
		return
	}
	defer from.Close()
	to, err := os.Create(filepath.Join(target, name))
	if err != nil {
		return
	}
	defer to.Close()
	_, _ = io.Copy(to, from)
}

// Finishes the segment that is open, and says in both playlists that there are no more.
func (w *writer) stop() {
	_ = w.encoder.Process.Signal(syscall.SIGINT)
	<-w.done
	_ = w.encoder.Wait()
	w.list(w.output.PlaylistName, 0, true, "#EXT-X-ENDLIST\n")
	w.list(w.output.LivePlaylistName, max(0, len(w.entries)-liveWindow), false, "#EXT-X-ENDLIST\n")
	_ = os.RemoveAll(w.dir)
}
