import { expect, test } from 'vitest'
import { parseEnginePlaylist } from './engine-playlist'

const head = '#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:2\n'
const first = '#EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:00:00.000Z\n#EXTINF:1.000,\nseg_00000.ts\n'
const pdtMs = Date.parse('2026-11-23T10:00:00.000Z')

test('[OFF1] finished segments are read in their order, with their date where they have one', () => {
  expect(parseEnginePlaylist(`${head}${first}#EXTINF:0.967,\nrun_1/seg_00001.ts\n`)).toEqual({
    first: 0,
    segments: [
      { file: 'seg_00000.ts', seconds: 1, pdtMs },
      { file: 'seg_00001.ts', seconds: 0.967, pdtMs: null },
    ],
    ended: false,
  })
})

test('[OFF2] a playlist that is torn anywhere gives what it has whole', () => {
  const whole = `${head}${first}${first.replace('00000', '00001')}#EXT-X-ENDLIST\n`
  for (let cut = head.length; cut < whole.length; cut++) {
    const read = parseEnginePlaylist(whole.slice(0, cut))
    if (read === null) continue
    expect(read.ended).toBe(false)
    for (const [index, { file }] of read.segments.entries()) expect(file).toBe(`seg_0000${index}.ts`)
  }
  expect(parseEnginePlaylist(whole)?.ended).toBe(true)
})

test('[OFF3] garbage and names that lead elsewhere are no playlist', () => {
  const named = (name: string) => parseEnginePlaylist(`${head}#EXTINF:1,\n${name}\n`)
  expect(parseEnginePlaylist('<html>502</html>')).toBeNull()
  for (const name of ['..', 'a/../..', '.ts', 'x.mp4', 'a b.ts']) expect(named(name)).toBeNull()
  expect(parseEnginePlaylist(`${head}#EXTINF:NaN,\na.ts\n`)).toBeNull()
  expect(parseEnginePlaylist(`${head}#EXTINF:9999,\na.ts\n`)).toBeNull()
})

test('[OFF8] a window of the newest segments says which number its first one has', () => {
  const window = `${head}#EXT-X-MEDIA-SEQUENCE:3596\n#EXTINF:1.000,\nseg_03596.ts\n`
  expect(parseEnginePlaylist(window)).toMatchObject({ first: 3596, segments: [{ file: 'seg_03596.ts' }] })
  expect(parseEnginePlaylist(window.replace('3596', '-1'))).toBeNull()
  expect(parseEnginePlaylist(window.replace('3596', 'x'))).toBeNull()
})
