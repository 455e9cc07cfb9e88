package mix

// around is how many frames a cubic through four points needs besides the two
// it goes between, and thereby the delay: 40 us.
const around = 3

// bend plays sound a little faster or slower, without a seam from one packet
// to the next: a cubic (Catmull-Rom) through the four frames around a position
// that moves on by a step near 1.
type bend struct {
	last [around * Channels]float32
	at   float64 // of the next frame given, counted from last[0]
	in   []float32
	out  []float32
}

func newBend() bend { return bend{at: 1} }

// push gives what is held, followed by what comes of pcm at a step. The result
// is good until the next push.
func (b *bend) push(held, pcm []float32, step float64) []float32 {
	in := append(append(b.in[:0], b.last[:]...), pcm...)
	out := append(b.out[:0], held...)
	frames := len(in) / Channels
	for ; int(b.at)+2 < frames; b.at += step {
		i := int(b.at)
		f := float32(b.at - float64(i))
		p := in[(i-1)*Channels : (i+3)*Channels]
		for c := range Channels {
			out = append(out, cubic(p[c], p[Channels+c], p[2*Channels+c], p[3*Channels+c], f))
		}
	}
	b.at -= float64(frames - around)
	copy(b.last[:], in[len(in)-len(b.last):])
	b.in, b.out = in, out
	return out
}

// cubic goes from p1 (f = 0) to p2 (f = 1).
func cubic(p0, p1, p2, p3, f float32) float32 {
	return p1 + 0.5*f*(p2-p0+f*(2*p0-5*p1+4*p2-p3+f*(3*(p1-p2)+p3-p0)))
}
