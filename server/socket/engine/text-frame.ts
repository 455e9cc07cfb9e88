/** FIN and opcode 1: a whole text message in one frame (RFC 6455, 5.2). What a server sends is not masked. */
const WHOLE_TEXT = 0x81
/** Up to here the length stands in the second byte; above, that byte says how many bytes of length follow. */
const SHORT_LENGTH = 125
const LENGTH_16_BITS = 126
const LENGTH_64_BITS = 127

/** A text message as it stands on the wire of a WebSocket without compression. */
export function toTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headerLength = length <= SHORT_LENGTH ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headerLength + length)
  frame[0] = WHOLE_TEXT
  if (headerLength === 2) {
    frame[1] = length
  } else if (headerLength === 4) {
    frame[1] = LENGTH_16_BITS
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = LENGTH_64_BITS
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headerLength)
  return frame
}
