import { randomBytes } from 'node:crypto'
import { crc32, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { extendCrc, NOTHING, packBehind, toBeginning } from './packed'

test('[PCK1] a beginning packed once and any rest behind it are one gzip member of the two', () => {
  const beginning = toBeginning(Buffer.from('#EXTM3U\n'.repeat(500)))
  for (const rest of ['', 'x', '#EXTINF:2,\n'.repeat(900)]) {
    const packed = packBehind(beginning, Buffer.from(rest))
    expect(gunzipSync(packed).toString()).toBe(beginning.plain.toString() + rest)
  }
})

test('[PCK2] nothing may come before the rest', () => {
  const bytes = randomBytes(5000)
  expect(gunzipSync(packBehind(NOTHING, bytes)).equals(bytes)).toBe(true)
})

test('[PCK3] the checksum goes on from what was there before', () => {
  const bytes = randomBytes(1000)
  const halves = extendCrc(extendCrc(0, bytes.subarray(0, 333)), bytes.subarray(333))
  expect(halves).toBe(crc32(bytes))
})
