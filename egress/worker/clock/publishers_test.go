package clock

import (
	"math/rand/v2"
	"testing"
	"time"
)

const (
	// The promise of ARCHITECTURE's "One clock joins the tiers".
	withinPublisher   = 20 * time.Millisecond
	betweenPublishers = 100 * time.Millisecond
	// The first report is there after three to six seconds, slewing takes two.
	settled = 10 * time.Second
)

func newLaptop(seed uint64, wall func(time.Duration) time.Duration, least time.Duration) laptop {
	return laptop{
		random: rand.New(rand.NewPCG(seed, 1)), wall: wall, network: jittery(least),
		sound:   device{rate: 48_000, start: 0xffff_0000, every: 20 * time.Millisecond, hold: 25 * time.Millisecond},
		picture: device{rate: 90_000, start: 0xfff0_0000, every: 33 * time.Millisecond, hold: 85 * time.Millisecond},
	}
}

func ahead(by time.Duration) func(time.Duration) time.Duration {
	return func(at time.Duration) time.Duration { return at + by }
}

func drifting(ppm float64) func(time.Duration) time.Duration {
	return func(at time.Duration) time.Duration { return at + time.Duration(float64(at)*ppm/1e6) }
}

func set(at, by time.Duration) func(time.Duration) time.Duration {
	return func(now time.Duration) time.Duration {
		if now < at {
			return now
		}
		return now + by
	}
}

// apart gives the largest distance of what was captured together, outside of
// the allowed times.
func apart(sound, picture []heard, quiet func(time.Duration) bool) (worst, when time.Duration) {
	i := 0
	for _, p := range picture {
		for i+1 < len(sound) && sound[i+1].captured <= p.captured {
			i++
		}
		if p.captured < settled || quiet != nil && quiet(p.captured) || p.captured-sound[i].captured > 40*time.Millisecond {
			continue
		}
		if d := absolute((p.mapped - p.captured) - (sound[i].mapped - sound[i].captured)); d > worst {
			worst, when = d, p.captured
		}
	}
	return worst, when
}

// error of the mapping against true time of capture, the worst of all.
func late(packets []heard, quiet func(time.Duration) bool) (least, most time.Duration) {
	least, most = time.Hour, -time.Hour
	for _, p := range packets {
		if p.captured < settled || quiet != nil && quiet(p.captured) {
			continue
		}
		least, most = min(least, p.mapped-p.captured), max(most, p.mapped-p.captured)
	}
	return least, most
}

func around(at, length time.Duration) func(time.Duration) bool {
	return func(now time.Duration) bool { return now >= at && now < at+length }
}

func TestWhateverAPublishersClockSaysItsTracksStayTogetherAndNearTheTruth(t *testing.T) {
	const minutes = 6 * time.Minute
	cases := map[string]struct {
		length time.Duration
		change func(*laptop)
		quiet  func(time.Duration) bool
	}{
		"right":                    {},
		"30 s ahead":               {change: func(l *laptop) { l.wall = ahead(30 * time.Second) }},
		"30 s behind":              {change: func(l *laptop) { l.wall = ahead(-30 * time.Second) }},
		"200 ppm fast, 30 minutes": {length: 30 * time.Minute, change: func(l *laptop) { l.wall = drifting(200) }},
		"200 ppm slow, 30 minutes": {length: 30 * time.Minute, change: func(l *laptop) { l.wall = drifting(-200) }},
		"sound card 200 ppm fast":  {length: 30 * time.Minute, change: func(l *laptop) { l.sound.ppm = 200 }},
		"sound card 200 ppm slow":  {length: 30 * time.Minute, change: func(l *laptop) { l.sound.ppm = -200 }},
		"devices apart by 400 ppm": {length: 30 * time.Minute, change: func(l *laptop) { l.sound.ppm, l.picture.ppm = -200, 200 }},
		"set 30 s forward":         {change: func(l *laptop) { l.wall = set(time.Minute, 30*time.Second) }},
		"set 30 s back":            {change: func(l *laptop) { l.wall = set(time.Minute, -30*time.Second) }},
		"set 100 ms forward":       {change: func(l *laptop) { l.wall = set(time.Minute, 100*time.Millisecond) }},
		"set 100 ms back":          {change: func(l *laptop) { l.wall = set(time.Minute, -100*time.Millisecond) }},
		"set 400 days back":        {change: func(l *laptop) { l.wall = set(time.Minute, -400*24*time.Hour) }},
		"every other report missing": {change: func(l *laptop) {
			l.sound.report = func(n int) fate { return fate{missing: n%2 == 0} }
			l.picture.report = func(n int) fate { return fate{missing: n%2 == 1} }
		}, quiet: around(0, 2*settled)},
		"a minute and a half without reports": {change: func(l *laptop) {
			l.sound.ppm = 200
			l.sound.report = func(n int) fate { return fate{missing: n > 10 && n < 40} }
			l.picture.report = func(n int) fate { return fate{missing: n > 12 && n < 45} }
		}},
		"reports late, overtaken and twice": {change: func(l *laptop) {
			l.wall = ahead(-30 * time.Second)
			l.sound.report = func(n int) fate { return fate{late: time.Duration(n%4) * 2 * time.Second, twice: n%3 == 0} }
			l.picture.report = func(n int) fate { return fate{late: time.Duration(n%3) * 3 * time.Second, twice: n%2 == 0} }
		}, quiet: around(0, 2*settled)},
		"every fifth report 60 ms off": {change: func(l *laptop) {
			l.sound.report = func(n int) fate { return fate{off: map[bool]time.Duration{true: 60 * time.Millisecond}[n%5 == 4]} }
			l.picture.report = func(n int) fate { return fate{off: map[bool]time.Duration{true: -60 * time.Millisecond}[n%5 == 3]} }
		}},
		"half an hour of mute": {length: 40 * time.Minute, change: func(l *laptop) {
			l.sound.ppm = 200
			l.wall = drifting(-200)
			l.sound.silent = around(3*time.Minute, 30*time.Minute)
		}, quiet: around(33*time.Minute, settled)},
		"both mute, the clock set meanwhile": {length: 10 * time.Minute, change: func(l *laptop) {
			l.wall = set(4*time.Minute, -20*time.Second)
			l.sound.silent, l.picture.silent = around(3*time.Minute, 3*time.Minute), around(3*time.Minute, 3*time.Minute)
		}, quiet: around(6*time.Minute, settled)},
		"timestamps of sound jump ahead": {change: func(l *laptop) {
			l.sound.shift = func(at time.Duration) time.Duration { return map[bool]time.Duration{true: time.Hour}[at > time.Minute] }
		}, quiet: around(time.Minute, settled)},
		"timestamps of sound jump back": {change: func(l *laptop) {
			l.sound.shift = func(at time.Duration) time.Duration {
				return map[bool]time.Duration{true: -20 * time.Second}[at > time.Minute]
			}
		}, quiet: around(time.Minute, settled)},
		"timestamps of the picture jump a little": {change: func(l *laptop) {
			l.picture.shift = func(at time.Duration) time.Duration {
				return map[bool]time.Duration{true: time.Second}[at > time.Minute]
			}
		}, quiet: around(time.Minute, settled)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLaptop(7, ahead(0), 15*time.Millisecond)
			if c.change != nil {
				c.change(&l)
			}
			sound, picture := l.play(max(c.length, minutes))
			if worst, when := apart(sound, picture, c.quiet); worst > withinPublisher {
				t.Errorf("sound and picture are %v apart at %v", worst, when)
			}
			for kind, packets := range map[string][]heard{"sound": sound, "picture": picture} {
				if least, most := late(packets, c.quiet); least < -betweenPublishers/2 || most > betweenPublishers {
					t.Errorf("%s is mapped %v to %v after its capture", kind, least, most)
				}
			}
		})
	}
}

func TestATrackWithoutReportsIsOffByItsOwnDelayOnly(t *testing.T) {
	l := newLaptop(3, ahead(30*time.Second), 15*time.Millisecond)
	l.sound.report = func(int) fate { return fate{missing: true} }
	sound, picture := l.play(3 * time.Minute)
	if worst, when := apart(sound, picture, nil); worst > l.sound.hold+withinPublisher {
		t.Errorf("sound and picture are %v apart at %v", worst, when)
	}
}

func TestReportsThatLieDoNotMoveTheTracksThatTellTheTruth(t *testing.T) {
	l := newLaptop(4, ahead(0), 15*time.Millisecond)
	honest := l.wall
	asked := 0
	l.wall = func(at time.Duration) time.Duration {
		if asked++; asked%2 == 0 {
			return honest(at) + time.Duration(asked)*time.Hour
		}
		return honest(at)
	}
	sound, picture := l.play(3 * time.Minute)
	for kind, packets := range map[string][]heard{"sound": sound, "picture": picture} {
		if least, most := late(packets, nil); least < -betweenPublishers/2 || most > l.picture.hold+betweenPublishers {
			t.Errorf("%s is mapped %v to %v after its capture", kind, least, most)
		}
	}
}

func TestPublishersWithWrongClocksAndDifferentNetworksStayWithinATenthOfASecond(t *testing.T) {
	near := newLaptop(5, drifting(200), 5*time.Millisecond)
	near.sound.ppm = -200
	far := newLaptop(6, ahead(-30*time.Second), 80*time.Millisecond)
	far.sound.ppm = 200
	for _, pair := range [][2]laptop{{near, far}, {far, near}} {
		one, _ := pair[0].play(20 * time.Minute)
		two, _ := pair[1].play(20 * time.Minute)
		if worst, when := apart(one, two, nil); worst > betweenPublishers {
			t.Errorf("%v apart at %v", worst, when)
		}
	}
}
