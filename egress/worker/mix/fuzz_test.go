package mix

import "testing"

// FuzzVoices writes packets of any length anywhere: whatever comes, blocks come
// out in time and below the ceiling.
func FuzzVoices(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		m := NewMixer(0)
		voices := []*Voice{m.Voice(), m.Voice(), m.Voice()}
		block := make([]byte, BlockFrames*Channels*2)
		now := int64(0)
		for ; len(data) >= 4; data = data[4:] {
			frames := 1 + int(data[1])*8
			pcm := make([]float32, frames*Channels)
			for i := range pcm {
				pcm[i] = float32(int8(data[3])) / 64
			}
			voices[int(data[0])%3].Write(pcm, now+int64(int8(data[2]))*300)
			now += int64(data[0]) * 8
			if data[3] == 7 {
				voices[1].Close()
				voices[1] = m.Voice()
			}
			for m.Take(now, noon, block) {
				for i := 0; i < len(block); i += 2 {
					if s := int16(block[i]) | int16(block[i+1])<<8; s > 29_200 || s < -29_200 {
						t.Fatalf("a sample of %d", s)
					}
				}
			}
			if now-m.Next() > BlockFrames+SampleHz*9/10 {
				t.Fatalf("at %d the mixer is at %d", now, m.Next())
			}
		}
	})
}
