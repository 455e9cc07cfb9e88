package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	// Requests that are on their way at once on a connection: half of what the
	// origin sends to one token.
	pipelined = 16
	// One in so many is the whole playlist rather than what changed in it.
	wholeEvery  = 25
	readTimeout = 15 * time.Second
	bufferBytes = 64 << 10
	// What a stall of the machine took is made up for so far, and no further.
	latest = time.Second
	// One seed for every run: which of the listed names are read is no question
	// of luck.
	seed = 20_261_123
)

type connection struct {
	order
	path   string
	random *rand.Rand
	seen   *seen
	tally  *tally
	// The newest version that this connection had, by variant.
	newest map[string]*version
	count  int
	body   []byte
}

// request for a name below the path; variant is set if it is a playlist.
type request struct{ name, variant string }

func newConnection(o order, path string, n int, s *seen, t *tally) *connection {
	return &connection{
		order: o, path: path, random: rand.New(rand.NewPCG(seed, uint64(n))), seen: s, tally: t, newest: map[string]*version{},
	}
}

// read goes on until it is told to stop; a connection that breaks is opened
// anew, and what was under way on it counts as broken.
func (c *connection) read(isOver func() bool) {
	every := time.Duration(float64(pipelined*len(c.Paths)) / c.PerSecond * float64(time.Second))
	next := time.Now()
	var conn net.Conn
	var reader *bufio.Reader
	for !isOver() {
		if conn == nil {
			var err error
			if conn, err = net.Dial("tcp", c.Address); err != nil {
				c.tally.fault(&c.tally.Broken, "%v", err)
				time.Sleep(every)
				continue
			}
			reader = bufio.NewReaderSize(conn, bufferBytes)
		}
		if err := c.round(conn, reader); err != nil {
			c.tally.fault(&c.tally.Broken, "%v", err)
			conn.Close()
			conn = nil
		}
		next = next.Add(every)
		wait := time.Until(next)
		if wait < -latest {
			next = time.Now()
		}
		time.Sleep(wait)
	}
	if conn != nil {
		conn.Close()
	}
}

func (c *connection) round(conn net.Conn, reader *bufio.Reader) error {
	requests := c.choose()
	var text strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&text, "GET %s%s HTTP/1.1\r\nHost: origin\r\nAccept-Encoding: identity\r\n\r\n", c.path, r.name)
	}
	if err := conn.SetDeadline(time.Now().Add(readTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, text.String()); err != nil {
		return err
	}
	for _, r := range requests {
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		if c.body, err = readBody(answer, c.body); err != nil {
			// An answer that began and is less than it said is no broken connection.
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				c.tally.fault(&c.tally.Torn, "%s ended before its end: %v", r.name, err)
			}
			return err
		}
		c.look(r, answer.StatusCode)
	}
	return nil
}

// choose takes what is listed in the newest versions: as many playlists as
// parts, and now and then a whole segment or an init segment.
func (c *connection) choose() (requests []request) {
	for range pipelined {
		c.count++
		variant := c.Variants[c.count%len(c.Variants)]
		known := c.newest[variant]
		switch {
		case known == nil || c.count%2 == 0:
			name := variant + ".m3u8?_HLS_skip=YES"
			if known == nil || c.random.IntN(wholeEvery) == 0 {
				name = variant + ".m3u8"
			}
			requests = append(requests, request{name, variant})
		case len(known.parts) > 0 && c.random.IntN(10) > 0:
			requests = append(requests, request{name: known.parts[c.random.IntN(len(known.parts))]})
		case len(known.others) > 0:
			requests = append(requests, request{name: known.others[c.random.IntN(len(known.others))]})
		}
	}
	return requests
}

func (c *connection) look(r request, status int) {
	c.tally.Reads.Add(1)
	switch {
	case status != http.StatusOK:
		c.tally.fault(&c.tally.Missing, "%d for %s", status, r.name)
	case r.variant == "":
		c.seen.media(r.name, c.body)
	default:
		now := c.seen.playlist(r.name, c.body)
		if before := c.newest[r.variant]; before != nil && now.isBefore(before) {
			c.tally.fault(&c.tally.GoingBack, "%s went from %v to %v", r.name, before.place, now.place)
		}
		c.newest[r.variant] = now
	}
}

func readBody(answer *http.Response, into []byte) ([]byte, error) {
	defer answer.Body.Close()
	size := int(answer.ContentLength)
	if size < 0 {
		return io.ReadAll(answer.Body)
	}
	if cap(into) < size {
		into = make([]byte, size)
	}
	into = into[:size]
	_, err := io.ReadFull(answer.Body, into)
	return into, err
}
