// Package journal writes the append-only record of a run that the origin
// reads: one JSON object a line, each written after the bytes it speaks of.
package journal

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
)

const (
	FileName = "journal.ndjson"
	Version  = 1
)

// Run is the first line. Lead is how much of the class's media time (ms) lies
// before StartedAt.
type Run struct {
	Type      string `json:"t"`
	Version   int    `json:"v"`
	RunID     string `json:"runId"`
	ClassID   string `json:"classId"`
	EgressID  string `json:"egressId"`
	StartedAt int64  `json:"startedAt"`
	Lead      int64  `json:"lead,omitempty"`
}

type Init struct {
	Type      string  `json:"t"`
	Variant   string  `json:"variant"`
	Init      int     `json:"init"`
	File      string  `json:"file"`
	Size      int     `json:"size"`
	Codecs    string  `json:"codecs"`
	Width     int     `json:"width,omitempty"`
	Height    int     `json:"height,omitempty"`
	FrameRate float64 `json:"frameRate,omitempty"`
}

// Part repeats init and discontinuity of its segment when it is the first.
type Part struct {
	Type          string  `json:"t"`
	Variant       string  `json:"variant"`
	Segment       int     `json:"segment"`
	Part          int     `json:"part"`
	File          string  `json:"file"`
	Offset        int64   `json:"offset"`
	Size          int     `json:"size"`
	Duration      float64 `json:"duration"`
	Independent   bool    `json:"independent"`
	PDT           float64 `json:"pdt"`
	Init          *int    `json:"init,omitempty"`
	Discontinuity *bool   `json:"discontinuity,omitempty"`
}

type Segment struct {
	Type          string  `json:"t"`
	Variant       string  `json:"variant"`
	Segment       int     `json:"segment"`
	Init          int     `json:"init"`
	Discontinuity bool    `json:"discontinuity"`
	Duration      float64 `json:"duration"`
	Size          int64   `json:"size"`
	File          string  `json:"file"`
	PDT           float64 `json:"pdt"`
}

// Shown is a picture that people see: whose, and "camera" or "screen".
type Shown struct {
	PersonID string `json:"personId"`
	Source   string `json:"source"`
}

// Picture says what is seen from a server time (ms) on. Nil: nothing.
type Picture struct {
	Type  string `json:"t"`
	At    int64  `json:"at"`
	Main  *Shown `json:"main"`
	Aside *Shown `json:"aside"`
}

type Reason string

const (
	Stopped    Reason = "stopped"
	Failed     Reason = "failed"
	RoomClosed Reason = "room_closed"
)

type End struct {
	Type   string `json:"t"`
	Reason Reason `json:"reason"`
}

var ErrEnded = errors.New("journal: the run has ended")

// Journal of one run. Safe for use from several goroutines.
type Journal struct {
	mu    sync.Mutex
	file  io.WriteCloser
	ended bool
}

// Create makes the run's directory and its journal. A run that has a journal
// already is another run: it is refused, never continued.
func Create(dir string, run Run) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, FileName), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: file}
	run.Type, run.Version = "run", Version
	if err := j.append(run); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

func (j *Journal) Init(line Init) error {
	line.Type = "init"
	return j.append(line)
}

func (j *Journal) Part(line Part) error {
	line.Type = "part"
	return j.append(line)
}

// LastPart writes both with one write(2): nobody who reads the part expects
// another one of its segment.
func (j *Journal) LastPart(part Part, segment Segment) error {
	part.Type, segment.Type = "part", "segment"
	return j.append(part, segment)
}

func (j *Journal) Segment(line Segment) error {
	line.Type = "segment"
	return j.append(line)
}

func (j *Journal) Picture(line Picture) error {
	line.Type = "picture"
	return j.append(line)
}

// End writes the last line and closes. Only the first call counts.
func (j *Journal) End(reason Reason) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended {
		return nil
	}
	err := j.write(End{Type: "end", Reason: reason})
	j.ended = true
	return errors.Join(err, j.file.Close())
}

func (j *Journal) append(lines ...any) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended {
		return ErrEnded
	}
	return j.write(lines...)
}

// write makes one write(2) of whole lines. What a full disk tore off is
// terminated: no line that follows becomes a part of it. Readers stop there.
func (j *Journal) write(lines ...any) error {
	var text []byte
	for _, line := range lines {
		own, err := json.Marshal(line)
		if err != nil {
			return err
		}
		text = append(append(text, own...), '\n')
	}
	written, err := j.file.Write(text)
	if err != nil && written > 0 {
		j.file.Write([]byte{'\n'})
	}
	return err
}
