// Command flood reads a broadcast as fast as it is told to, and looks at every
// answer: the same name has the same bytes for ever, what is listed is there,
// and no playlist is older than the one before on the same connection.
//
// It reads one line of JSON from standard input (order), and stops when
// standard input ends. It prints lines of JSON: each version of a playlist when
// it is first seen, and the tally twice a second and at the end.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const tellEvery = 500 * time.Millisecond

// order says what to read. Paths are /TOKEN/CLASS/, a connection each.
type order struct {
	Address   string   `json:"address"`
	Paths     []string `json:"paths"`
	Variants  []string `json:"variants"`
	PerSecond float64  `json:"perSecond"`
	Reads     int64    `json:"reads"`
}

// tally of all connections. Broken: answers that were none.
type tally struct {
	Reads, Torn, Missing, GoingBack, Broken atomic.Int64
	mu                                      sync.Mutex
	problems                                []string
}

const problemsKept = 20

func (t *tally) fault(count *atomic.Int64, format string, a ...any) {
	count.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.problems) < problemsKept {
		t.problems = append(t.problems, fmt.Sprintf(format, a...))
	}
}

type line struct {
	Name      string   `json:"name,omitempty"`
	Text      string   `json:"text,omitempty"`
	Reads     int64    `json:"reads"`
	Torn      int64    `json:"torn"`
	Missing   int64    `json:"missing"`
	GoingBack int64    `json:"goingBack"`
	Broken    int64    `json:"broken"`
	Problems  []string `json:"problems,omitempty"`
}

func (t *tally) line() line {
	t.mu.Lock()
	defer t.mu.Unlock()
	return line{
		Reads: t.Reads.Load(), Torn: t.Torn.Load(), Missing: t.Missing.Load(),
		GoingBack: t.GoingBack.Load(), Broken: t.Broken.Load(), Problems: t.problems,
	}
}

func main() {
	in := bufio.NewReader(os.Stdin)
	var o order
	text, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var stopped atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stopped.Store(true)
	}()
	var printing sync.Mutex
	out := json.NewEncoder(os.Stdout)
	tell := func(l line) {
		printing.Lock()
		defer printing.Unlock()
		_ = out.Encode(l)
	}
	found := &tally{}
	seen := newSeen(found, func(name, text string) { tell(line{Name: name, Text: text}) })
	var reading sync.WaitGroup
	for n, path := range o.Paths {
		c := newConnection(o, path, n, seen, found)
		reading.Add(1)
		go func() {
			defer reading.Done()
			c.read(func() bool { return stopped.Load() || found.Reads.Load() >= o.Reads })
		}()
	}
	done := make(chan struct{})
	go func() { reading.Wait(); close(done) }()
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			tell(found.line())
		case <-done:
			tell(found.line())
			return
		}
	}
}
