package main

import "encoding/binary"

// Opcodes of RFC 6455, 5.2.
const (
	opText     = 0x1
	opClose    = 0x8
	opPing     = 0x9
	opPong     = 0xa
	incomplete = 0xff
)

// cutFrame takes one frame of a server (not masked, a whole message each) off data.
func cutFrame(data []byte) (opcode byte, payload, rest []byte) {
	if len(data) < 2 {
		return incomplete, nil, nil
	}
	length, header := uint64(data[1]), 2
	switch length {
	case 126:
		header = 4
	case 127:
		header = 10
	}
	if len(data) < header {
		return incomplete, nil, nil
	}
	switch header {
	case 4:
		length = uint64(binary.BigEndian.Uint16(data[2:]))
	case 10:
		length = binary.BigEndian.Uint64(data[2:])
	}
	end := uint64(header) + length
	if uint64(len(data)) < end {
		return incomplete, nil, nil
	}
	return data[0] & 0xf, data[header:end], data[end:]
}

// toFrame masks with zeros, which leaves the payload as it is.
func toFrame(opcode byte, payload []byte) []byte {
	frame := make([]byte, 0, len(payload)+14)
	frame = append(frame, 0x80|opcode)
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	return append(append(frame, 0, 0, 0, 0), payload...)
}
