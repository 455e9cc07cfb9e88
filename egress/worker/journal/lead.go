package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

const (
	// A dead run has its successor within this. What is longer is a pause, which
	// media time does not count.
	breakMaxMs = 5000
	// Holds the newest parts, whatever else was written after them.
	tailBytes = 64 << 10
)

// LeadMs is the media time at which a run starts that starts at a server time
// (ms): that of the runs before it in the class's directory goes on, in step
// with server time. HLS lets timestamps begin anew after a discontinuity, but
// ffmpeg and GStreamer, and players built on them, know only the timestamps:
// what steps back is late to them, and dropped. Zero: there is none before.
func LeadMs(classDir string, startedAt int64) int64 {
	paths, err := filepath.Glob(filepath.Join(classDir, "*", FileName))
	if err != nil {
		return 0
	}
	lead := int64(0)
	for _, path := range paths {
		if run, end, err := readEnds(path); err == nil {
			gap := min(max(0, startedAt-end), breakMaxMs)
			lead = max(lead, run.Lead+end-run.StartedAt+gap)
		}
	}
	return lead
}

var errNoParts = errors.New("journal: no parts")

// readEnds gives the first line of a journal, and when the last part ends
// (server time, ms).
func readEnds(path string) (run Run, end int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return run, 0, err
	}
	defer file.Close()
	first, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil {
		return run, 0, err
	}
	if err := json.Unmarshal(first, &run); err != nil {
		return run, 0, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return run, 0, err
	}
	tail := make([]byte, min(size, tailBytes))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil {
		return run, 0, err
	}
	for line := range bytes.Lines(tail) {
		var part Part
		if json.Unmarshal(line, &part) == nil && part.Type == "part" {
			end = max(end, int64(part.PDT+part.Duration*1000)+1)
		}
	}
	if end == 0 {
		return run, 0, errNoParts
	}
	return run, end, nil
}
