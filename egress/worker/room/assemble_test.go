package room

import (
	"testing"

	"amphi/worker/h264"

	"github.com/pion/rtp"
)

// stap makes an aggregation packet (STAP-A).
func stap(units ...[]byte) []byte {
	out := []byte{24}
	for _, u := range units {
		out = append(out, byte(len(u)>>8), byte(len(u)))
		out = append(out, u...)
	}
	return out
}

var delta = []byte{0x41, 0x9a, 1, 2, 3}

type sender struct {
	sequence  uint16
	timestamp uint32
}

func (s *sender) packet(payload []byte, marker bool) arrived {
	s.sequence++
	p := arrived{Packet: &rtp.Packet{
		Header:  rtp.Header{SequenceNumber: s.sequence, Timestamp: s.timestamp, Marker: marker},
		Payload: payload,
	}, At: noon}
	if marker {
		s.timestamp += 3000
	}
	return p
}

func keyFrame(t *testing.T) []byte {
	t.Helper()
	slate, err := h264.NewSlate()
	if err != nil {
		t.Fatal(err)
	}
	unit, err := h264.SplitAVCC(slate.Sample())
	if err != nil {
		t.Fatal(err)
	}
	return stap(slate.Format.SPS, slate.Format.PPS, unit.Units[0])
}

// parts are the NAL units of a key frame of the slate.
func parts(t *testing.T) (sps, pps, idr []byte) {
	t.Helper()
	slate, err := h264.NewSlate()
	if err != nil {
		t.Fatal(err)
	}
	unit, err := h264.SplitAVCC(slate.Sample())
	if err != nil {
		t.Fatal(err)
	}
	return slate.Format.SPS, slate.Format.PPS, unit.Units[0]
}

// fragments makes FU-A payloads of at most 40 bytes.
func fragments(nalu []byte) [][]byte {
	var out [][]byte
	for rest := nalu[1:]; len(rest) > 0; {
		size := min(len(rest), 40)
		header := nalu[0] & 0x1f
		if len(out) == 0 {
			header |= 0x80
		}
		if size == len(rest) {
			header |= 0x40
		}
		out = append(out, append([]byte{nalu[0]&0xe0 | 28, header}, rest[:size]...))
		rest = rest[size:]
	}
	return out
}

func TestNothingIsGivenBeforeTheFirstKeyFrame(t *testing.T) {
	a, s := newAssemble(), sender{}
	if a.push(s.packet(delta, true)) != nil || !a.Waiting() {
		t.Error("a frame that cannot be decoded")
	}
	frame := a.push(s.packet(keyFrame(t), true))
	if frame == nil || frame.Format == nil || frame.Format.Width != 320 || a.Waiting() {
		t.Fatalf("%+v", frame)
	}
	if frame = a.push(s.packet(delta, true)); frame == nil || frame.Format != nil || frame.Timestamp != 6000 {
		t.Errorf("%+v", frame)
	}
}

func TestAfterALossNothingUntilTheNextKeyFrame(t *testing.T) {
	a, s := newAssemble(), sender{}
	a.push(s.packet(keyFrame(t), true))
	lost := s.packet(delta, true)
	lost.Lost = true
	if a.push(lost) != nil || !a.Waiting() {
		t.Error("a frame after a loss")
	}
	if a.push(s.packet(delta, true)) != nil {
		t.Error("a frame that refers to a lost one")
	}
	if a.push(s.packet(keyFrame(t), true)) == nil || a.Waiting() {
		t.Error("no frame after the key frame")
	}
}

func TestPaddingIsNoPicture(t *testing.T) {
	a, s := newAssemble(), sender{}
	a.push(s.packet(keyFrame(t), true))
	if a.push(s.packet(nil, false)) != nil || a.Waiting() {
		t.Error("padding was taken for something")
	}
	if a.push(s.packet(delta, true)) == nil {
		t.Error("the frame after padding was lost")
	}
}

func TestAPictureWithoutAnEndIsALoss(t *testing.T) {
	a, s := newAssemble(), sender{}
	a.push(s.packet(keyFrame(t), true))
	a.push(s.packet(delta, false))
	s.timestamp += 3000
	if a.push(s.packet(delta, true)) != nil || !a.Waiting() {
		t.Error("went on after half a picture")
	}
}
