import { expect, test } from 'vitest'
import { isStale, parseLadder } from './ladder'

const BASE = 'https://origin/t/cls_1/index.m3u8'
const text = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=1800000,AVERAGE-BANDWIDTH=1650000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720
main.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=300000,AVERAGE-BANDWIDTH=210000,RESOLUTION=320x180,FRAME-RATE=20.000
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=70000,CODECS="mp4a.40.2"
audio.m3u8
`
const url = (name: string) => `https://origin/t/cls_1/${name}.m3u8`

test('the ladder is read with its sizes and rates', () => {
  expect(parseLadder(text, BASE)).toEqual([
    { url: url('main'), height: 720, bitsPerSecond: 1_650_000, peakBitsPerSecond: 1_800_000 },
    { url: url('low'), height: 180, bitsPerSecond: 210_000, peakBitsPerSecond: 300_000 },
    { url: url('audio'), height: null, bitsPerSecond: 70_000, peakBitsPerSecond: 70_000 },
  ])
  expect(parseLadder('not a playlist', BASE)).toEqual([])
})
test('a player is stale with other renditions, or with the lower above the higher', () => {
  const ladder = parseLadder(text, BASE)
  expect(isStale([url('low'), url('main')], ladder)).toBe(false)
  expect(isStale([url('main'), url('low')], ladder)).toBe(true)
  expect(isStale([url('main')], ladder)).toBe(true)
  expect(isStale([url('low'), url('mid'), url('main')], ladder)).toBe(true)
})
test('renditions of one height, as during a shared page, are in no wrong order', () => {
  const same = parseLadder(text.replace('320x180', '1280x720'), BASE)
  expect(isStale([url('main'), url('low')], same)).toBe(false)
})
test('an answer without pictures says nothing', () => {
  expect(isStale([url('main')], [])).toBe(false)
})
