package clock

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

// stream sends a packet every 20 ms for a while and gives the last error of
// the mapping against the true time of sending plus the smallest delay.
func drive(t *testing.T, skew time.Duration, delay func(n int) time.Duration, rate int, start uint32) time.Duration {
	t.Helper()
	track := NewPublisher().Track(rate)
	var last time.Duration
	previous := time.Time{}
	for n := range 1000 {
		sent := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
		ts := start + uint32(n*rate/50)
		if n%150 == 149 {
			track.Report(sent.Add(skew), ts, sent.Add(delay(n)))
		}
		at := track.At(ts, sent.Add(delay(n)))
		if at.Before(previous) {
			t.Fatalf("packet %d goes back by %v", n, previous.Sub(at))
		}
		previous, last = at, at.Sub(sent)
	}
	return last
}

func TestAPublishersWrongClockDoesNotMatter(t *testing.T) {
	for _, skew := range []time.Duration{0, 30 * time.Second, -30 * time.Second, 400 * 24 * time.Hour} {
		got := drive(t, skew, func(n int) time.Duration { return time.Duration(15+n%7*10) * time.Millisecond }, 90_000, 7)
		if absolute(got-15*time.Millisecond) > 2*time.Millisecond {
			t.Errorf("skew %v: mapped %v after sending, the smallest delay is 15 ms", skew, got)
		}
	}
}

func TestTimestampsMayWrap(t *testing.T) {
	start := ^uint32(0) - 5*90_000
	got := drive(t, time.Second, func(int) time.Duration { return 10 * time.Millisecond }, 90_000, start)
	if absolute(got-10*time.Millisecond) > time.Millisecond {
		t.Errorf("mapped %v after sending", got)
	}
}

func TestUnwrapGoesOnOverTheEnd(t *testing.T) {
	var u Unwrap
	a := u.Extend(0xffff_ff00)
	b := u.Extend(0x0000_0100)
	c := u.Extend(0xffff_fff0) // late, before the wrap
	if b-a != 0x200 || b-c != 0x110 {
		t.Errorf("steps of %d and %d", b-a, b-c)
	}
	if near := u.Near(0x20); near-c != 0x30 {
		t.Errorf("near is %d on", near-c)
	}
}

func TestArrivalServesUntilTheFirstReportAndNothingJumpsAfterIt(t *testing.T) {
	track := NewPublisher().Track(48_000)
	var before time.Time
	for n := range 500 {
		sent := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
		if n == 150 {
			track.Report(sent.Add(-30*time.Second+60*time.Millisecond), uint32(n*960), sent.Add(25*time.Millisecond))
		}
		at := track.At(uint32(n*960), sent.Add(25*time.Millisecond))
		if n > 0 {
			step := at.Sub(before)
			if absolute(step-20*time.Millisecond) > time.Millisecond {
				t.Fatalf("packet %d: a step of %v", n, step)
			}
		}
		before = at
	}
}

func TestSoundAndPictureOfOnePublisherStayTogether(t *testing.T) {
	publisher := NewPublisher()
	picture, sound := publisher.Track(90_000), publisher.Track(48_000)
	skew := -30 * time.Second
	var apart time.Duration
	for n := range 1500 {
		captured := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
		if n == 150 || n == 400 {
			picture.Report(captured.Add(skew), uint32(n*1800), captured.Add(20*time.Millisecond))
			sound.Report(captured.Add(skew), uint32(n*960)+55, captured.Add(20*time.Millisecond))
		}
		// Encoding a picture takes 80 ms longer than encoding sound.
		v := picture.At(uint32(n*1800), captured.Add(110*time.Millisecond))
		a := sound.At(uint32(n*960)+55, captured.Add(30*time.Millisecond))
		apart = absolute(v.Sub(a))
	}
	if apart > 2*time.Millisecond {
		t.Errorf("captured together, mapped %v apart", apart)
	}
}

func TestAClockThatIsSetIsNoticed(t *testing.T) {
	for _, jump := range []time.Duration{30 * time.Second, -30 * time.Second} {
		track := NewPublisher().Track(90_000)
		var got time.Duration
		for n := range 2000 {
			sent := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
			if n%150 == 149 {
				wall := sent
				if n > 1000 {
					wall = wall.Add(jump)
				}
				track.Report(wall, uint32(n*1800), sent.Add(20*time.Millisecond))
			}
			got = track.At(uint32(n*1800), sent.Add(20*time.Millisecond)).Sub(sent)
			if absolute(got-20*time.Millisecond) > 5*time.Millisecond {
				t.Fatalf("jump %v: packet %d is mapped %v after sending", jump, n, got)
			}
		}
	}
}

func TestTheSmallestDelayIsForgottenAfterAMinute(t *testing.T) {
	var w minWindow
	w.add(-time.Second, epoch)
	w.add(time.Second, epoch.Add(30*time.Second))
	if got, _ := w.min(epoch.Add(50 * time.Second)); got != -time.Second {
		t.Errorf("after 50 s: %v", got)
	}
	if got, _ := w.min(epoch.Add(70 * time.Second)); got != time.Second {
		t.Errorf("after 70 s: %v", got)
	}
	if _, ok := w.min(epoch.Add(10 * time.Minute)); ok {
		t.Error("after ten minutes there is still something")
	}
}
