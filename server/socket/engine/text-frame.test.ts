import { expect, test } from 'vitest'
import { toTextFrame } from './text-frame'

test('[FAN6] lengths below 126 stand in one byte, below 65,536 in two, others in eight', () => {
  const headerOf = (length: number) => [...toTextFrame('a'.repeat(length)).subarray(0, -length || undefined)]
  expect(headerOf(0)).toEqual([0x81, 0])
  expect(headerOf(125)).toEqual([0x81, 125])
  expect(headerOf(126)).toEqual([0x81, 126, 0, 126])
  expect(headerOf(65_535)).toEqual([0x81, 126, 0xff, 0xff])
  expect(headerOf(65_536)).toEqual([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])
})

test('[FAN7] the length is that of the bytes, not of the characters', () => {
  const frame = toTextFrame('Frage: größer? 數學')
  expect(frame[1]).toBe(Buffer.byteLength('Frage: größer? 數學'))
  expect(frame.subarray(2).toString()).toBe('Frage: größer? 數學')
})
