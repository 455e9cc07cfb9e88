package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
)

// After its time a measuring waits this long for what was sent in it.
const lateLimit = 10 * time.Second

// A stamp is `@@`, fifteen digits of microseconds, `@@`.
var stampMark = []byte("@@")

const (
	stampDigits = 15
	stampBytes  = 2 + stampDigits + 2
)

type sending struct {
	order order
	began time.Time
	next  time.Time
	turn  int
	calls int
}

func newSending(o order) *sending {
	s := &sending{order: o, began: time.Now()}
	s.plan()
	return s
}

// plan sets the moment of the next message; after the last of a list there is none.
func (s *sending) plan() {
	switch {
	case s.order.AtMs == nil:
		s.next = s.began.Add(time.Duration(float64(s.calls+1) * float64(time.Second) / s.order.PerSecond))
	case s.calls < len(s.order.AtMs):
		s.next = s.began.Add(time.Duration(s.order.AtMs[s.calls] * float64(time.Millisecond)))
	default:
		s.next = s.began.Add(time.Hour)
	}
}

func (l *loop) sendDue() {
	s := l.sending
	for !time.Now().Before(s.next) {
		c := l.conns[s.turn%max(1, s.order.Senders)]
		s.turn++
		s.calls++
		s.plan()
		now := nowMicros()
		message := strings.NewReplacer(
			"{ID}", newUUID(), "{STAMP}", fmt.Sprintf("@@%015d@@", now), "{CALL}", fmt.Sprint(s.calls+10),
		).Replace(s.order.Message)
		if l.measure != nil && now < l.measure.until {
			l.measure.sent++
		}
		l.write(c, opText, []byte(message))
	}
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// A measuring takes the ages (us) of all messages that were stamped within it.
type measuring struct {
	from, until int64
	ends        time.Time
	sent        int
	messages    int
	bytes       int
	ages        []int64
	cpu         float64
}

func newMeasuring(o order) *measuring {
	now := nowMicros()
	length := time.Duration(o.Seconds * float64(time.Second))
	return &measuring{from: now, until: now + length.Microseconds(), ends: time.Now().Add(length), cpu: cpuSeconds()}
}

// arrived takes the ages of all stamps in a message: facts may come several at a time.
func (l *loop) arrived(message []byte) {
	m := l.measure
	if m == nil {
		return
	}
	now, before, rest := nowMicros(), len(m.ages), message
	for {
		i := bytes.Index(rest, stampMark)
		if i < 0 || len(rest) < i+stampBytes {
			break
		}
		stamp := int64(0)
		for _, digit := range rest[i+len(stampMark) : i+len(stampMark)+stampDigits] {
			stamp = stamp*10 + int64(digit-'0')
		}
		rest = rest[i+stampBytes:]
		if stamp >= m.from && stamp < m.until {
			m.ages = append(m.ages, now-stamp)
		}
	}
	if len(m.ages) > before {
		m.messages++
		m.bytes += len(message)
	}
}

// endMeasure answers when everything has come, or nothing more comes. Somebody else may send: then nothing is expected.
func (l *loop) endMeasure() {
	m := l.measure
	if time.Now().Before(m.ends) {
		return
	}
	readers := 0
	for _, c := range l.conns {
		if c.state == ready {
			readers++
		}
	}
	complete := l.sending != nil && len(m.ages) >= m.sent*readers
	if !complete && time.Since(m.ends) < lateLimit && (l.sending != nil || time.Since(m.ends) < time.Second) {
		return
	}
	l.measure = nil
	slices.Sort(m.ages)
	reply(answer{
		"done": "measure", "sent": m.sent, "readers": readers, "delivered": len(m.ages), "messages": m.messages, "lost": lost,
		"bytes": m.bytes / max(1, m.messages), "p50": at(m.ages, 0.5), "p95": at(m.ages, 0.95), "p99": at(m.ages, 0.99), "max": at(m.ages, 1),
		"cpuSeconds": cpuSeconds() - m.cpu,
	})
}

// at: a quantile of sorted ages, in ms.
func at(sorted []int64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]) / 1000
}

func quantile(values []int64, share float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return at(sorted, share)
}

// A settling waits until all connections are at the same fact.
type settling struct{ until time.Time }

func (l *loop) endSettle() {
	var most int64
	for _, c := range l.conns {
		most = max(most, c.seq)
	}
	a := answer{"done": "settle", "seq": most, "lost": lost}
	here, there, resumed, snapshots, holes, repeats := 0, 0, 0, 0, 0, 0
	for _, c := range l.conns {
		if c.state == ready {
			here++
			if c.seq == most {
				there++
			}
		}
		if c.resumed {
			resumed++
		}
		snapshots += c.snapshots
		holes += c.holes
		repeats += c.repeats
	}
	if (here < len(l.conns) || there < here) && time.Now().Before(l.settle.until) {
		return
	}
	l.settle = nil
	a["ready"], a["settled"], a["resumed"], a["snapshots"], a["holes"], a["repeats"] = here, there, resumed, snapshots, holes, repeats
	reply(a)
}
