import { deflateRawSync } from 'node:zlib'

/** Bytes, and what it takes to send them packed behind others in one gzip member (RFC 1952). */
export type Packable = { plain: Buffer; deflated: Buffer; crc: number }

/** Packed once and sent thousands of times. */
const LEVEL = 6
/** No name, no time, unknown system: the same bytes from every origin. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
const TRAILER_BYTES = 8
/** Z_SYNC_FLUSH: ends on a byte, and more may follow. */
const SYNC_FLUSH = 2
const CRC_POLYNOMIAL = 0xedb88320

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CRC_POLYNOMIAL : crc >>> 1
  return crc
})

/** CRC-32 of all bytes so far and these (RFC 1952, 8). */
export function extendCrc(before: number, bytes: Buffer): number {
  let crc = ~before
  for (let index = 0; index < bytes.length; index++) {
    crc = (crcTable[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

/** A beginning that many bodies share: packed once, whatever comes behind it. */
export function toBeginning(plain: Buffer): Packable {
  const deflated = deflateRawSync(plain, { level: LEVEL, finishFlush: SYNC_FLUSH })
  return { plain, deflated, crc: extendCrc(0, plain) }
}

/** One gzip member of the beginning and the rest. */
export function packBehind(beginning: Packable, rest: Buffer): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES)
  trailer.writeUInt32LE(extendCrc(beginning.crc, rest), 0)
  trailer.writeUInt32LE((beginning.plain.length + rest.length) >>> 0, 4)
  return Buffer.concat([GZIP_HEADER, beginning.deflated, deflateRawSync(rest, { level: LEVEL }), trailer])
}

export const NOTHING: Packable = { plain: Buffer.alloc(0), deflated: Buffer.alloc(0), crc: 0 }
