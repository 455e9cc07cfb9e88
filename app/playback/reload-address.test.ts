import { expect, test } from 'vitest'
import { toNextPart, toWholeSegments } from './reload-address'

const URL = 'mid.m3u8?_HLS_msn=15&_HLS_part=8&_HLS_skip=v2'

test('a player of whole segments asks for what follows the segment it wants', () => {
  expect(toWholeSegments(URL)).toBe('mid.m3u8?_HLS_msn=16&_HLS_part=0&_HLS_skip=v2')
  expect(toWholeSegments('mid.m3u8?_HLS_msn=15')).toBe('mid.m3u8?_HLS_msn=15')
})
test('a part of the newest segment, or of the one after it, is asked for as it is', () => {
  for (const lastMsn of [undefined, 14, 15]) expect(toNextPart(URL, lastMsn)).toBe(URL)
})
test('a part of a segment that others follow is there: the one after them is waited for', () => {
  expect(toNextPart(URL, 16)).toBe('mid.m3u8?_HLS_msn=17&_HLS_part=0&_HLS_skip=v2')
})
test('a playlist that is asked for at once is', () => {
  expect(toNextPart('mid.m3u8?_HLS_skip=v2', 16)).toBe('mid.m3u8?_HLS_skip=v2')
})
