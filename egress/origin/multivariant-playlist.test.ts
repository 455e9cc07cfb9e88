import { expect, test } from 'vitest'
import { toRecord, toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS, toRunLines } from '../../tests/support/run-lines'
import { isStarted, renderMultivariant } from './multivariant-playlist'
import { toTimeline } from './timeline'

const full = { parts: FULL_PARTS }
const plan = { classId: 'cls_1', ended: false, recorded: true, runs: [{ runId: 'run_a', base: 0 }] }
const end = { segments: 2, lastParts: 9 }
const ended = { ...plan, ended: true, runs: [{ runId: 'run_a', base: 0, end }] }

test('[MUL1] golden: measured bit rates, picture first, sound alone last', () => {
  const timeline = toTimeline(plan, toRecords({ run_a: [full, full] }, 0))
  expect(renderMultivariant(timeline)).toMatchInlineSnapshot(`
    "#EXTM3U
    #EXT-X-VERSION:9
    #EXT-X-INDEPENDENT-SEGMENTS
    #EXT-X-STREAM-INF:BANDWIDTH=36001,AVERAGE-BANDWIDTH=36001,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000
    main.m3u8
    #EXT-X-STREAM-INF:BANDWIDTH=36001,AVERAGE-BANDWIDTH=36001,CODECS="mp4a.40.2"
    audio.m3u8
    "
  `)
})

test('[MUL2] there is nothing to play before every variant has a whole segment', () => {
  const lines = toRunLines('run_a', 0, [full, full])
  const startedAfter = (count: number) =>
    isStarted(toTimeline(plan, new Map([['run_a', toRecord('run_a', lines.slice(0, count))]])))
  const counts = lines.map((_, index) => index + 1)
  const whole = 3 + 2 * (FULL_PARTS.length + 1)
  expect(counts.find(startedAfter)).toBe(whole)
  expect(isStarted(toTimeline({ ...plan, runs: [] }, new Map()))).toBe(false)
})

test('[MUL3] once the class has ended it leads to the replay, if there shall be one', () => {
  const records = toRecords({ run_a: [full, full] }, 0)
  expect(renderMultivariant(toTimeline(ended, records))).toContain('\nmain.replay.m3u8\n')
  expect(renderMultivariant(toTimeline({ ...ended, recorded: false }, records))).toContain('\nmain.m3u8\n')
})

test('[MUL4] the second picture is no rendition of the first', () => {
  const record = toRecord('run_a', toRunLines('run_a', 0, [full, full], ['main', 'aside']))
  expect(renderMultivariant(toTimeline(plan, new Map([['run_a', record]])))).not.toContain('aside')
})
