package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	eventsAtOnce = 1024
	readBytes    = 64 * 1024
	// Nothing of ours takes longer to open; what does has failed.
	openTimeout = 60 * time.Second
)

// loop owns everything; nothing else touches connections.
type loop struct {
	epoll   int
	wakeIn  int
	wakeOut int
	orders  <-chan order
	conns   []*conn
	byFd    map[int32]*conn
	scratch []byte

	opening *opening
	sending *sending
	measure *measuring
	settle  *settling
}

func newLoop(orders <-chan order) (*loop, error) {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		return nil, err
	}
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_NONBLOCK); err != nil {
		return nil, err
	}
	l := &loop{
		epoll: epoll, wakeIn: pipe[0], wakeOut: pipe[1], orders: orders,
		byFd: map[int32]*conn{}, scratch: make([]byte, readBytes),
	}
	return l, l.watch(l.wakeIn, syscall.EPOLLIN, syscall.EPOLL_CTL_ADD)
}

func (l *loop) watch(fd int, events uint32, change int) error {
	return syscall.EpollCtl(l.epoll, change, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

func (l *loop) wake() { syscall.Write(l.wakeOut, []byte{1}) }

func (l *loop) run() {
	events := make([]syscall.EpollEvent, eventsAtOnce)
	for {
		n, err := syscall.EpollWait(l.epoll, events, int(l.untilNext().Milliseconds()))
		if err != nil && err != syscall.EINTR {
			fmt.Fprintln(os.Stderr, "epoll:", err)
			os.Exit(1)
		}
		for _, event := range events[:max(n, 0)] {
			if event.Fd == int32(l.wakeIn) {
				syscall.Read(l.wakeIn, l.scratch[:1])
				l.obey(<-l.orders)
			} else if c := l.byFd[event.Fd]; c != nil {
				l.serve(c, event.Events)
			}
		}
		l.tick()
	}
}

func (l *loop) untilNext() time.Duration {
	next := 100 * time.Millisecond
	if l.sending != nil {
		next = min(next, max(0, time.Until(l.sending.next)))
	}
	return next
}

func (l *loop) tick() {
	if l.opening != nil {
		l.openMore()
	}
	if l.sending != nil {
		l.sendDue()
	}
	if l.measure != nil {
		l.endMeasure()
	}
	if l.settle != nil {
		l.endSettle()
	}
}

func (l *loop) obey(o order) {
	switch o.Do {
	case "connect":
		l.connect(o)
	case "cut":
		reply(l.cut(o.From))
	case "send":
		l.sending = newSending(o)
		reply(answer{"done": "send"})
	case "hush":
		l.sending = nil
		reply(answer{"done": "hush"})
	case "measure":
		l.measure = newMeasuring(o)
	case "settle":
		l.settle = &settling{until: time.Now().Add(time.Duration(o.Seconds * float64(time.Second)))}
	default:
		reply(answer{"error": "no such order: " + o.Do})
	}
}

// An opening is one connect order under way.
type opening struct {
	order   order
	auths   []string
	next    int
	pending int
	failed  map[string]int
	began   time.Time
	took    []int64
	cpu     float64
}

func (l *loop) connect(o order) {
	var auths []string
	if o.AuthFile != "" {
		text, err := os.ReadFile(o.AuthFile)
		if err != nil {
			reply(answer{"error": err.Error()})
			return
		}
		auths = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	for len(l.conns) < o.Count {
		l.conns = append(l.conns, &conn{index: len(l.conns), state: closed})
	}
	l.opening = &opening{order: o, auths: auths, next: o.From, failed: map[string]int{}, began: time.Now(), cpu: cpuSeconds()}
}

func (l *loop) openMore() {
	op := l.opening
	for op.pending < op.order.AtOnce && op.next < op.order.Count {
		c := l.conns[op.next]
		auth := ""
		if op.next < len(op.auths) {
			auth = op.auths[op.next]
		}
		op.next++
		op.pending++
		if err := l.open(c, op.order, auth); err != nil {
			l.drop(c, err.Error())
		}
	}
	late := time.Since(op.began) > openTimeout
	if !late && (op.pending > 0 || op.next < op.order.Count) {
		return
	}
	l.opening = nil
	took := time.Since(op.began).Seconds()
	reply(answer{
		"done": "connect", "seconds": took, "ready": len(op.took), "failed": op.failed, "late": op.pending,
		"p50": quantile(op.took, 0.5), "p99": quantile(op.took, 0.99), "cpuSeconds": cpuSeconds() - op.cpu,
	})
}

// opened and drop end the opening of a connection, well or not.
func (l *loop) opened(c *conn) {
	c.state = ready
	if l.opening != nil {
		l.opening.pending--
		l.opening.took = append(l.opening.took, nowMicros()-c.openedAt)
	}
}

func (l *loop) drop(c *conn, why string) {
	wasOpening := c.state == dialing || c.state == upgrading || c.state == greeting
	l.close(c, true)
	if wasOpening && l.opening != nil {
		l.opening.pending--
		l.opening.failed[why]++
	} else if wasOpening || why != "" {
		lost[why]++
	}
}

// lost: established connections that ended without our doing.
var lost = map[string]int{}

func (l *loop) cut(from int) answer {
	n := 0
	for _, c := range l.conns[from:] {
		if c.state != closed {
			l.close(c, false)
			n++
		}
	}
	return answer{"done": "cut", "cut": n}
}
