package main

import (
	"bytes"
	"fmt"
	"syscall"
)

type state uint8

const (
	closed state = iota
	dialing
	upgrading
	greeting
	ready
)

// A conn is one WebSocket. Between messages it holds no buffer.
type conn struct {
	index    int
	fd       int
	state    state
	kind     kind
	auth     string
	resuming bool
	openedAt int64
	part     []byte // a message that has not come as a whole yet

	// What the gateway's numbering said (kind gateway).
	epoch, seq       int64
	resumed          bool
	snapshots, holes int
	repeats          int
}

func (l *loop) open(c *conn, o order, auth string) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	c.fd, c.state, c.openedAt, c.part = fd, dialing, nowMicros(), nil
	c.kind, c.auth, c.resuming, c.resumed = kinds[o.Kind], auth, o.Resume, false
	l.byFd[int32(fd)] = c
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: o.Port, Addr: [4]byte{127, 0, 0, 1}})
	if err != nil && err != syscall.EINPROGRESS {
		return err
	}
	if err := l.watch(fd, syscall.EPOLLOUT, syscall.EPOLL_CTL_ADD); err != nil {
		return err
	}
	c.auth = auth
	c.request(o)
	return nil
}

// request prepares the upgrade; it is written when the connection stands.
func (c *conn) request(o order) {
	c.part = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YW1waGkgbG9hZCBjbGllbg==\r\n\r\n", o.Path, o.Port)
}

// close with a reset leaves no port in TIME_WAIT; without, it is what a browser does whose network changes.
func (l *loop) close(c *conn, reset bool) {
	if c.state == closed {
		return
	}
	if reset {
		syscall.SetsockoptLinger(c.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	}
	delete(l.byFd, int32(c.fd))
	syscall.Close(c.fd)
	c.state, c.part = closed, nil
}

func (l *loop) serve(c *conn, events uint32) {
	if c.state == dialing {
		if _, err := syscall.Write(c.fd, c.part); err != nil {
			l.drop(c, err.Error())
			return
		}
		c.part, c.state = nil, upgrading
		l.watch(c.fd, syscall.EPOLLIN, syscall.EPOLL_CTL_MOD)
		return
	}
	n, err := syscall.Read(c.fd, l.scratch)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return
	}
	if err != nil || n == 0 {
		l.drop(c, fmt.Sprintf("closed in state %d", c.state))
		return
	}
	data := l.scratch[:n]
	if len(c.part) > 0 {
		data = append(c.part, data...)
	}
	rest := l.consume(c, data)
	if c.state == closed || len(rest) == 0 {
		c.part = nil
	} else {
		c.part = append([]byte(nil), rest...)
	}
}

// consume takes all whole messages off the front of data and returns the rest.
func (l *loop) consume(c *conn, data []byte) []byte {
	if c.state == upgrading {
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			return data
		}
		if !bytes.HasPrefix(data, []byte("HTTP/1.1 101")) {
			l.drop(c, string(data[:min(end, 40)]))
			return nil
		}
		data = data[end+4:]
		c.state = greeting
		c.kind.upgraded(l, c)
	}
	for c.state != closed {
		opcode, payload, rest := cutFrame(data)
		if opcode == incomplete {
			return data
		}
		switch opcode {
		case opText:
			c.kind.receive(l, c, payload)
		case opPing:
			l.write(c, opPong, payload)
		case opClose:
			l.drop(c, "close frame")
		case opPong:
		default:
			l.drop(c, fmt.Sprintf("opcode %d", opcode))
		}
		data = rest
	}
	return nil
}

func (l *loop) write(c *conn, opcode byte, payload []byte) {
	frame := toFrame(opcode, payload)
	if n, err := syscall.Write(c.fd, frame); err != nil || n != len(frame) {
		l.drop(c, "could not write")
	}
}
