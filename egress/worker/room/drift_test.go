package room

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"amphi/worker/clock"
	"amphi/worker/mix"
)

// Under the race detector, which takes ten times as long, a tenth of it.
var driftLength = 2 * time.Hour

const (
	clapEvery   = 10 * time.Second
	packetEvery = 20 * time.Millisecond
	reportEvery = 5 * time.Second
	// Of the promise for the tracks of one publisher.
	clapApart = 20 * time.Millisecond
	// Flat: what two hours may add.
	clapSlope = 3 * time.Millisecond
)

// device is a sound card or a camera that counts time a little wrongly.
type device struct {
	hz    float64
	ppm   float64
	start uint32
}

func (d device) stamp(at time.Duration) uint32 {
	return d.start + uint32(int64(at.Seconds()*d.hz*(1+d.ppm/1e6)))
}

// TestAClapIsSeenAndHeardTogetherForTwoHours claps every ten seconds: where the
// mixer puts it and where the picture of it goes are compared.
func TestAClapIsSeenAndHeardTogetherForTwoHours(t *testing.T) {
	for _, c := range []struct{ sound, picture, wall float64 }{{200, -200, 0}, {-200, 200, 200}} {
		t.Run(fmt.Sprintf("sound card %+.0f ppm, camera %+.0f, computer %+.0f", c.sound, c.picture, c.wall), func(t *testing.T) {
			apart := clap(t, device{48_000, c.sound, 0xffff_0000}, device{90_000, c.picture, 0xfff0_0000}, c.wall)
			if want := int(driftLength/clapEvery) - 2; len(apart) < want {
				t.Fatalf("%d claps of %d", len(apart), want)
			}
			for i, d := range apart {
				if d > clapApart || d < -clapApart {
					t.Errorf("clap %d is heard %v after it is seen", i, d)
				}
			}
			third := len(apart) / 3
			if slope := mean(apart[2*third:]) - mean(apart[:third]); slope > clapSlope || slope < -clapSlope {
				t.Errorf("the last third is %v from the first", slope)
			}
		})
	}
}

func mean(of []time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, d := range of {
		sum += d
	}
	return sum / time.Duration(max(1, len(of)))
}

// clap gives how long after its picture each clap is heard, from the second on.
func clap(t *testing.T, sound, picture device, wallPPM float64) (apart []time.Duration) {
	t.Helper()
	random := rand.New(rand.NewPCG(8, 15))
	publisher := clock.NewPublisher()
	heard, seen := publisher.Track(int(sound.hz)), publisher.Track(int(picture.hz))
	mixer := mix.NewMixer(0)
	voice := mixer.Voice()
	wall := func(at time.Duration) time.Time {
		return noon.Add(30*time.Second + at + time.Duration(float64(at)*wallPPM/1e6))
	}
	jitter := func() time.Duration { return 15*time.Millisecond + time.Duration(random.ExpFloat64()*8e6) }
	var due []time.Duration // of pictures of claps that were not heard yet
	position, quiet := int64(0), 0
	listen := func(block []byte) {
		for i := 0; i < len(block); i += 2 * mix.Channels {
			level := math.Abs(float64(int16(block[i])|int16(block[i+1])<<8)) / 32767
			if quiet++; level > 0.25 {
				if quiet > soundHz && len(due) > 0 {
					apart = append(apart, time.Duration(position)*time.Second/soundHz-due[0])
					due = due[1:]
				}
				quiet = 0
			}
			position++
		}
	}
	pcm := make([]float32, 960*mix.Channels)
	block := make([]byte, mix.BlockFrames*mix.Channels*2)
	perPacket := time.Duration(float64(packetEvery) / (1 + sound.ppm/1e6)) // 960 of its own samples
	arrived, clapped := time.Duration(0), clapEvery
	for n := 0; ; n++ {
		at := time.Duration(n) * perPacket
		if at >= driftLength {
			return apart
		}
		arrived = max(arrived, at+perPacket+25*time.Millisecond+jitter())
		clear(pcm)
		if clapped < at+perPacket {
			// From here on to the end of the packet; the picture is of that moment.
			first := int((clapped - at).Seconds() * soundHz)
			for i := max(0, first); i < 960; i++ {
				pcm[i*2] = float32(0.8 * math.Cos(float64(i-first)/8))
				pcm[i*2+1] = pcm[i*2]
			}
			shown := seen.At(picture.stamp(clapped), noon.Add(clapped+85*time.Millisecond+jitter()))
			due = append(due, shown.Sub(noon))
			clapped += clapEvery + 7*time.Millisecond
		}
		if n%2 == 1 {
			seen.At(picture.stamp(at), noon.Add(at+85*time.Millisecond+jitter()))
		}
		if n%int(reportEvery/packetEvery) == 0 && n > 0 {
			heard.Report(wall(at), sound.stamp(at), noon.Add(at+20*time.Millisecond))
			seen.Report(wall(at), picture.stamp(at), noon.Add(at+20*time.Millisecond))
		}
		from := heard.At(sound.start+uint32(n*960), noon.Add(arrived))
		voice.Write(pcm, from.Sub(noon).Microseconds()*(soundHz/1000)/1000)
		for mixer.Take(arrived.Microseconds()*soundHz/1_000_000, noon.Add(arrived), block) {
			listen(block)
		}
	}
}
