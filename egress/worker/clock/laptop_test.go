package clock

import (
	"math/rand/v2"
	"sort"
	"time"
)

// laptop is a publisher as the worker meets it through LiveKit: a clock of its
// own, tracks whose timestamps are counted by their devices, a network. All is
// virtual and seeded.
type laptop struct {
	random *rand.Rand
	// wall is what its clock shows at a moment of true time.
	wall    func(at time.Duration) time.Duration
	network func(r *rand.Rand, at time.Duration) time.Duration
	sound   device
	picture device
}

type device struct {
	rate  int
	start uint32
	every time.Duration
	ppm   float64       // its clock against true time
	hold  time.Duration // from capture to network
	// shift moves the timestamps of what is captured at a moment.
	shift func(at time.Duration) time.Duration
	// silent says that nothing is sent.
	silent func(at time.Duration) bool
	// report says what becomes of the n-th report that LiveKit sends.
	report func(n int) fate
}

type fate struct {
	missing, twice bool
	late, off      time.Duration
}

const (
	reportByDevice  = 5 * time.Second
	reportByLiveKit = 3 * time.Second
)

// heard is one packet mapped: when it was captured and where it was put.
type heard struct{ captured, mapped, arrived time.Duration }

type event struct {
	at time.Duration
	do func()
}

// play lets a laptop send for a while and gives what became of each packet.
func (l laptop) play(length time.Duration) (sound, picture []heard) {
	publisher := NewPublisher()
	var events []event
	for _, side := range []struct {
		device
		into *[]heard
	}{{l.sound, &sound}, {l.picture, &picture}} {
		events = append(events, l.packets(side.device, publisher.Track(side.rate), length, side.into)...)
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].at < events[j].at })
	for _, e := range events {
		e.do()
	}
	return sound, picture
}

func (l laptop) packets(d device, track *Track, length time.Duration, into *[]heard) []event {
	stamp := func(at time.Duration) uint32 {
		media := float64(at) * (1 + d.ppm/1e6)
		if d.shift != nil {
			media += float64(d.shift(at))
		}
		return d.start + uint32(int64(media*float64(d.rate)/1e9))
	}
	var events []event
	arrived := time.Duration(0)
	for at := time.Duration(0); at < length; at += d.every {
		if d.silent != nil && d.silent(at) {
			continue
		}
		arrived = max(arrived+50*time.Microsecond, at+d.hold+l.network(l.random, at))
		arrival := arrived
		events = append(events, event{arrival, func() {
			mapped := track.At(stamp(at), epoch.Add(arrival)).Sub(epoch)
			*into = append(*into, heard{at, mapped, arrival})
		}})
	}
	for n := 0; time.Duration(n+1)*reportByLiveKit < length; n++ {
		sent := time.Duration(n+1) * reportByLiveKit
		byDevice := sent.Truncate(reportByDevice)
		if byDevice == 0 || d.silent != nil && d.silent(byDevice) {
			continue
		}
		// LiveKit brings the report up to date by the time since it came.
		way := l.network(l.random, byDevice)
		since := sent - byDevice - way
		ntp := l.wall(byDevice) + since
		ts := stamp(byDevice) + uint32(int64(since)*int64(d.rate)/1e9)
		fate := fate{}
		if d.report != nil {
			fate = d.report(n)
		}
		for range map[bool]int{false: 1, true: 2}[fate.twice] {
			if arrival := sent + time.Millisecond + fate.late; !fate.missing {
				events = append(events, event{arrival, func() { track.Report(epoch.Add(ntp+fate.off), ts, epoch.Add(arrival)) }})
			}
		}
	}
	return events
}

// jittery: a smallest delay, a tail, and now and then a stall.
func jittery(least time.Duration) func(*rand.Rand, time.Duration) time.Duration {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		delay := least + time.Duration(r.ExpFloat64()*15e6)
		if r.IntN(500) == 0 {
			delay += time.Duration(r.IntN(400)) * time.Millisecond
		}
		return delay
	}
}
