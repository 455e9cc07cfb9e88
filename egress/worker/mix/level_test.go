package mix

import (
	"math"
	"math/rand/v2"
	"testing"
)

// voiced is a person's sound: the amplitude at a frame of 48 kHz.
type voiced func(frame int) float64

func sine(hz, level float64) voiced {
	return func(n int) float64 { return level * math.Sin(2*math.Pi*hz*float64(n)/SampleHz) }
}

// speech is noise in syllables, four a second, with pauses: 10 dB between its
// level and its peaks, as in a voice.
func speech(seed uint64, level float64) voiced {
	random := rand.New(rand.NewPCG(seed, 0))
	speaks, low := false, 0.0
	return func(n int) float64 {
		if n%(SampleHz/2) == 0 {
			speaks = random.IntN(3) > 0
		}
		low += 0.15 * (random.NormFloat64() - low)
		syllable := math.Max(0, math.Sin(2*math.Pi*4*float64(n)/SampleHz))
		if !speaks {
			syllable = 0
		}
		return math.Max(-1, math.Min(1, level*low*3.5*syllable))
	}
}

const packetFrames = 960

// mixed plays people for some seconds and gives the plain sum and the output
// of the left channel, in step.
func mixed(t *testing.T, seconds int, people ...voiced) (plain, out []float64) {
	t.Helper()
	m := NewMixer(0)
	voices := make([]*Voice, len(people))
	for i := range people {
		voices[i] = m.Voice()
	}
	packet := make([]float32, packetFrames*Channels)
	block := make([]byte, BlockFrames*Channels*2)
	for start := 0; start < seconds*SampleHz; start += packetFrames {
		sum := make([]float64, packetFrames)
		for i, person := range people {
			for f := range packetFrames {
				x := person(start + f)
				sum[f] += x
				packet[f*Channels], packet[f*Channels+1] = float32(x), float32(x)
			}
			voices[i].Write(packet, int64(start))
		}
		plain = append(plain, sum...)
		for m.Take(int64(start+packetFrames), noon, block) {
			for f := range BlockFrames {
				out = append(out, float64(int16(block[f*4])|int16(block[f*4+1])<<8)/32767)
			}
		}
	}
	// The cubic's delay.
	const delay = 2
	return plain[:len(out)-delay], out[delay:]
}

// gains of blocks: how loud the output is against the plain sum, and 0 where
// there is next to nothing.
func gains(plain, out []float64) []float64 {
	var all []float64
	for at := BlockFrames; at+BlockFrames <= len(plain); at += BlockFrames {
		both, own := 0.0, 0.0
		for i := at; i < at+BlockFrames; i++ {
			both += plain[i] * out[i]
			own += plain[i] * plain[i]
		}
		gain := 0.0
		if own > 1e-3 {
			gain = both / own
		}
		all = append(all, gain)
	}
	return all
}

func decibel(ratio float64) float64 { return 20 * math.Log10(ratio) }

func loudest(out []float64) float64 {
	most := 0.0
	for _, x := range out {
		most = math.Max(most, math.Abs(x))
	}
	return most
}

func TestEightFullScaleMicrophonesAreTurnedDownNotClipped(t *testing.T) {
	plain, out := mixed(t, 5, sine(220, 1), sine(277, 1), sine(330, 1), sine(440, 1), sine(554, 1), sine(1000, 1), sine(1318, 1), sine(1760, 1))
	if most := loudest(out); most > ceiling+0.001 {
		t.Errorf("%f of full scale", most)
	}
	all := gains(plain, out)[SampleHz/BlockFrames:]
	for i, gain := range all {
		if d := decibel(gain / all[0]); math.Abs(d) > 1.5 {
			t.Errorf("block %d: %.1f dB from the first", i, d)
		}
	}
	// What is not the sum turned down is distortion.
	wrong, right := 0.0, 0.0
	for i := SampleHz; i < len(out); i++ {
		want := plain[i] * all[min(len(all)-1, i/BlockFrames-SampleHz/BlockFrames)]
		wrong += (out[i] - want) * (out[i] - want)
		right += want * want
	}
	if d := decibel(math.Sqrt(wrong / right)); d > -26 {
		t.Errorf("distortion of %.1f dB", d)
	}
}

func TestOneFullScaleToneIsNearlyLeftAlone(t *testing.T) {
	plain, out := mixed(t, 3, sine(100, 1))
	for i, gain := range gains(plain, out) {
		if math.Abs(gain-ceiling) > 0.01 {
			t.Fatalf("block %d has a gain of %f", i, gain)
		}
	}
}

func TestBelowTheCeilingNothingIsChanged(t *testing.T) {
	plain, out := mixed(t, 5, speech(1, 0.2), sine(300, 0.05), sine(50, 0.1))
	if loudest(plain) > ceiling {
		t.Fatalf("the signal reaches %f", loudest(plain))
	}
	for i := 200; i < len(out); i++ {
		if math.Abs(out[i]-plain[i]) > 1.0/32767 {
			t.Fatalf("frame %d: %f became %f", i, plain[i], out[i])
		}
	}
}

func TestEightPeopleAtOnceNeitherClipNorPump(t *testing.T) {
	var people []voiced
	for seed := range uint64(8) {
		people = append(people, speech(seed, 0.2))
	}
	plain, out := mixed(t, 30, people...)
	if most := loudest(out); most > ceiling+0.001 {
		t.Errorf("%f of full scale", most)
	}
	if loudest(plain) < 1 {
		t.Fatalf("the sum reaches %f only", loudest(plain))
	}
	all := gains(plain, out)
	least, last, since := 1.0, 1.0, 0
	for i, gain := range all {
		if gain == 0 {
			continue
		}
		// A block's own gain changes by half a block.
		if up := decibel(gain / last); up > 10*float64(i-since+1)*BlockFrames/SampleHz {
			t.Errorf("block %d: up by %.1f dB in %d blocks", i, up, i-since)
		}
		least, last, since = math.Min(least, gain), gain, i
	}
	if d := decibel(least); d < -9 {
		t.Errorf("somebody is turned down by %.1f dB", -d)
	}
}

func TestAToneBesideAShoutComesBackSlowlyAndWhole(t *testing.T) {
	shout := func(n int) float64 {
		if n > SampleHz && n < SampleHz*3/2 {
			return sine(700, 3)(n)
		}
		return 0
	}
	_, out := mixed(t, 5, sine(200, 0.1), shout)
	before, after := loudest(out[SampleHz/2:SampleHz*3/4]), loudest(out[SampleHz*4:])
	if math.Abs(before-after) > 0.001 {
		t.Errorf("%f before, %f after", before, after)
	}
	soon := loudest(out[SampleHz*3/2+1000 : SampleHz*3/2+3000])
	if soon > 0.06 {
		t.Errorf("%f at once", soon)
	}
}

func TestALoudPacketDoesNotSilenceTheOthers(t *testing.T) {
	for _, loud := range []float64{5e6, math.Inf(1), math.NaN()} {
		stranger := func(n int) float64 {
			if n/packetFrames == 50 {
				return loud
			}
			return 0
		}
		_, out := mixed(t, 4, sine(300, 0.3), stranger)
		sum := 0.0
		last := out[3*SampleHz:]
		for _, x := range last {
			sum += x * x
		}
		if level := math.Sqrt(2 * sum / float64(len(last))); level < 0.29 {
			t.Errorf("two seconds after a packet of %g the other voice is at %.6f instead of 0.3", loud, level)
		}
	}
}
