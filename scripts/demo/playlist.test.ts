import { describe, expect, test } from 'vitest'
import { findMediaPlaylist, readEdge, toReload } from './playlist'

const live = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24,PART-HOLD-BACK=1.2
#EXT-X-PART-INF:PART-TARGET=0.27
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-SKIP:SKIPPED-SEGMENTS=3
#EXT-X-PROGRAM-DATE-TIME:2025-11-23T10:00:00.000Z
#EXT-X-PART:DURATION=1.0,INDEPENDENT=YES,URI="run_1/main-3.0.m4s"
#EXT-X-PART:DURATION=1.0,URI="run_1/main-3.1.m4s"
#EXTINF:2.0,
run_1/main-3.m4s
#EXT-X-PROGRAM-DATE-TIME:2025-11-23T10:00:02.000Z
#EXT-X-PART:DURATION=0.25,INDEPENDENT=YES,URI="run_1/main-4.0.m4s"
#EXT-X-PART:DURATION=0.25,URI="run_1/main-4.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="run_1/main-4.2.m4s"
`

describe('a simulated player', () => {
  test('knows where the playlist ends, also after a delta update', () => {
    expect(readEdge(live)).toEqual({
      msn: 14,
      openParts: 2,
      newestPart: 'run_1/main-4.1.m4s',
      showsAt: Date.parse('2025-11-23T10:00:01.300Z'),
      ended: false,
    })
  })

  test('asks for what comes next, or for a few parts at once', () => {
    const edge = readEdge(live)
    if (!edge) throw new Error('no playlist')
    const asked = (parts: number) => new URL(toReload('http://localhost/t/main.m3u8', edge, parts)).search
    expect(asked(1)).toBe('?_HLS_msn=14&_HLS_part=2&_HLS_skip=YES')
    expect(asked(5)).toBe('?_HLS_msn=14&_HLS_part=6&_HLS_skip=YES')
  })

  test('sees the end of the class', () => {
    expect(readEdge(`${live}#EXT-X-ENDLIST\n`)?.ended).toBe(true)
  })

  test('takes the first variant, and nothing that is no playlist', () => {
    const variants =
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmain.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\naudio.m3u8\n'
    expect(findMediaPlaylist(variants)).toBe('main.m3u8')
    expect(findMediaPlaylist('{"code":"not_found"}')).toBeNull()
    expect(readEdge('{"code":"not_found"}')).toBeNull()
  })
})
