package run

import (
	"testing"
	"time"

	"amphi/worker/room"
)

// Frames arrive in bursts; when they were taken says how many a second are. At
// first that is not known.
func TestTheFrameRateIsThatOfTheCameraNotOfTheNetwork(t *testing.T) {
	for _, want := range []float64{3, 5, 15, 30} {
		l := &lane{}
		every := time.Duration(float64(time.Second) / want)
		for i := range int(want) * 6 {
			at := time.Duration(i)*every*19/20 + time.Duration(i%3)*time.Millisecond
			l.add(room.Frame{}, at, at+time.Duration(i%4)*30*time.Millisecond)
		}
		if got := l.rate(); got != want {
			t.Errorf("%f instead of %f", got, want)
		}
	}
}
