package cmaf

// sound holds AAC frames of 1024 samples until every rendition has written
// them. Frames follow each other without a gap and are counted from zero.
type sound struct {
	frames [][]byte
	first  int64 // number of frames[0]
	base   int64 // 48 kHz ticks of frame number 0
}

// add takes in the next frame, which starts at `at` (48 kHz ticks).
func (s *sound) add(at int64, frame []byte) {
	if s.first == 0 && len(s.frames) == 0 {
		s.base = at
	}
	s.frames = append(s.frames, frame)
}

func (s *sound) start(number int64) int64 { return s.base + number*soundFrame }

// after is the number of the first frame that starts at a video time or later.
func (s *sound) after(at int64) int64 {
	number := s.first
	for number < s.next() && toVideo(s.start(number)) < at {
		number++
	}
	return number
}

func (s *sound) next() int64 { return s.first + int64(len(s.frames)) }

// until says that sound is there up to a video time.
func (s *sound) until(end int64) bool { return toVideo(s.start(s.next())) >= end }

func (s *sound) slice(from, to int64) [][]byte { return s.frames[from-s.first : to-s.first] }

// forget drops what is numbered below.
func (s *sound) forget(number int64) {
	if n := min(number-s.first, int64(len(s.frames))); n > 0 {
		clear(s.frames[:n])
		s.frames = s.frames[n:]
		s.first += n
	}
}

func toVideo(sound int64) int64 { return sound * VideoHz / SoundHz }
