package main

import (
	"bytes"
	"fmt"
	"strconv"
)

// A kind is a protocol, as far as it has to be spoken to be a member of a class.
type kind interface {
	upgraded(l *loop, c *conn)
	receive(l *loop, c *conn, message []byte)
}

var kinds = map[string]kind{"gateway": gateway{}, "socket.io": bare{}, "centrifuge": centrifuge{}}

// bare is Socket.IO 4 up to the end of its handshake.
type bare struct{}

func (bare) upgraded(*loop, *conn) {}

func (bare) receive(l *loop, c *conn, m []byte) {
	switch {
	case bytes.HasPrefix(m, []byte("42")):
		l.arrived(m)
	case len(m) == 1 && m[0] == '2':
		l.write(c, opText, []byte("3"))
	case m[0] == '0':
		l.write(c, opText, []byte("40"))
	case bytes.HasPrefix(m, []byte("40")):
		l.opened(c)
	}
}

// gateway is the protocol of PROTOCOL.md; ready with the first snapshot or, after a resume, the first facts.
type gateway struct{}

func (gateway) upgraded(*loop, *conn) {}

func (gateway) receive(l *loop, c *conn, m []byte) {
	switch {
	case bytes.HasPrefix(m, []byte(`42["facts",`)):
		c.follow(m)
		l.arrived(m)
		if c.state == greeting {
			c.resumed = true
			l.opened(c)
		}
	case bytes.HasPrefix(m, []byte(`42["snapshot",`)):
		c.epoch, c.seq = numberAfter(m, `"epoch":`), numberAfter(m, `"seq":`)
		c.snapshots++
		if c.state == greeting {
			l.opened(c)
		}
	case bytes.HasPrefix(m, []byte(`42["bye",`)), bytes.HasPrefix(m, []byte("44")):
		l.drop(c, stringAfter(m, `"code":"`))
	case bytes.HasPrefix(m, []byte("42")):
		l.arrived(m)
	case bytes.HasPrefix(m, []byte("43")):
		if !bytes.Contains(m, []byte(`"ok":true`)) {
			lost["refused: "+stringAfter(m, `"code":"`)]++
		}
	case len(m) == 1 && m[0] == '2':
		l.write(c, opText, []byte("3"))
	case m[0] == '0':
		auth := c.auth
		if c.resuming {
			auth = fmt.Sprintf(`%s,"resume":{"epoch":%d,"seq":%d}}`, auth[:len(auth)-1], c.epoch, c.seq)
		}
		l.write(c, opText, []byte("40"+auth))
	}
}

// follow checks a frame of facts against the numbering of PROTOCOL.md.
func (c *conn) follow(m []byte) {
	if numberAfter(m, `"after":`) != c.seq {
		c.holes++
	}
	frameSeq := numberAfter(m, `"seq":`)
	at := bytes.Index(m, []byte(`"facts":[`))
	for rest := m[max(at, 0):]; ; {
		i := bytes.Index(rest, []byte(`{"seq":`))
		if i < 0 {
			break
		}
		seq := numberAfter(rest[i:], `{"seq":`)
		if seq <= c.seq {
			c.repeats++
		}
		c.seq = seq
		rest = rest[i+7:]
	}
	if c.seq != frameSeq {
		c.holes++
		c.seq = frameSeq
	}
}

// centrifuge is its JSON protocol: several messages a frame, one a line.
type centrifuge struct{}

func (centrifuge) upgraded(l *loop, c *conn) {
	l.write(c, opText, []byte(`{"id":1,"connect":{}}`))
}

func (centrifuge) receive(l *loop, c *conn, m []byte) {
	for line := range bytes.SplitSeq(m, []byte("\n")) {
		switch {
		case bytes.HasPrefix(line, []byte(`{"push"`)):
			l.arrived(line)
		case len(line) == 2:
			l.write(c, opText, []byte("{}"))
		case c.state != greeting:
		case bytes.HasPrefix(line, []byte(`{"id":1,"connect"`)):
			l.write(c, opText, []byte(`{"id":2,"subscribe":{"channel":"class"}}`))
		case bytes.HasPrefix(line, []byte(`{"id":2,"subscribe"`)):
			l.opened(c)
		default:
			l.drop(c, string(line))
		}
	}
}

func numberAfter(m []byte, name string) int64 {
	i := bytes.Index(m, []byte(name))
	if i < 0 {
		return -1
	}
	begin := i + len(name)
	end := begin
	for end < len(m) && m[end] >= '0' && m[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(m[begin:end]), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func stringAfter(m []byte, name string) string {
	i := bytes.Index(m, []byte(name))
	if i < 0 {
		return string(m[:min(len(m), 60)])
	}
	rest := m[i+len(name):]
	return string(rest[:max(bytes.IndexByte(rest, '"'), 0)])
}
