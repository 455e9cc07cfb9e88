import { expect, test } from 'vitest'
import { checkMultivariant } from '../../tests/protocol-checks/multivariant-validator'
import { readByOthers } from '../../tests/protocol-checks/public-parsers'
import { addLine, toRecord, toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS, toInitLine, toRunLines, toSegmentLines } from '../../tests/support/run-lines'
import { renderMultivariant } from './multivariant-playlist'
import { toTimeline } from './timeline'
import { isStarted } from './variants'

const full = { parts: FULL_PARTS }
const plan = { classId: 'cls_1', ended: false, recorded: true, runs: [{ runId: 'run_a', base: 0 }] }
const end = { segments: 2, lastParts: 9 }
const ended = { ...plan, ended: true, runs: [{ runId: 'run_a', base: 0, end }] }

test('[MUL1] golden: measured bit rates, picture first, sound alone last', () => {
  const timeline = toTimeline(plan, toRecords({ run_a: [full, full] }, 0))
  expect(renderMultivariant(timeline)).toMatchInlineSnapshot(`
    "#EXTM3U
    #EXT-X-VERSION:10
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

const ladder = ['main', 'mid', 'low', 'audio']

test('[MUL5] golden: a ladder, from the highest to the sound alone; the second picture is not in it', () => {
  const record = toRecord('run_a', toRunLines('run_a', 0, [full, full], [...ladder, 'aside']))
  const text = renderMultivariant(toTimeline(plan, new Map([['run_a', record]])))
  expect(text.split('\n').filter((line) => line.endsWith('.m3u8'))).toEqual(
    ladder.map((name) => `${name}.m3u8`),
  )
  expect(readByOthers(text)).toEqual([])
  expect(checkMultivariant(text)).toEqual([])
  // What checks it finds what is wrong.
  expect(checkMultivariant(text.replace(/,FRAME-RATE=30.000/, '')).join()).toMatch(/^no FRAME-RATE/)
  expect(checkMultivariant(text.replace('mid.m3u8', 'main.m3u8'))).toEqual(['a playlist twice'])
})

test('[MUL10] renditions that are alike are listed once, until one of them differs', () => {
  const alike = [...toRunLines('run_a', 0, [full, full], ladder)].map((line) =>
    line.replace(/"width":\d+,"height":\d+/, '"width":320,"height":180'),
  )
  const run = toRecord('run_a', alike)
  const runs = new Map([['run_a', run]])
  const listed = () =>
    renderMultivariant(toTimeline(plan, runs))
      .split('\n')
      .filter((line) => line.endsWith('.m3u8'))
  expect(listed()).toEqual(['main.m3u8', 'audio.m3u8'])
  // A layer comes: the leading rung has its picture first, and the others are still alike.
  addLine(run, toInitLine('main', 1))
  for (const line of toSegmentLines('main', 2, 1, 4000, full)) addLine(run, line)
  expect(listed()).toEqual(['main.m3u8', 'audio.m3u8'])
  for (const line of toSegmentLines('mid', 2, 0, 4000, full)) addLine(run, line)
  expect(listed()).toEqual(['main.m3u8', 'mid.m3u8', 'audio.m3u8'])
  addLine(run, toInitLine('low', 1).replace(/"width":\d+,"height":\d+/, '"width":160,"height":90'))
  for (const line of toSegmentLines('low', 2, 1, 4000, full)) addLine(run, line)
  expect(listed()).toEqual(['main.m3u8', 'mid.m3u8', 'low.m3u8', 'audio.m3u8'])
})

test('[MUL6] a rendition names the most that it asks of a decoder, and its largest picture', () => {
  const small = {
    ...JSON.parse(toInitLine('main', 1)),
    codecs: 'avc1.42c015,mp4a.40.2',
    width: 320,
    height: 180,
  }
  const lines = [
    ...toRunLines('run_a', 0, [full], ['main']),
    JSON.stringify(small),
    ...toSegmentLines('main', 1, 1, 2000, { ...full, discontinuity: true }),
  ]
  const text = renderMultivariant(toTimeline(plan, new Map([['run_a', toRecord('run_a', lines)]])))
  expect(text).toContain('CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720')
})

test('[MUL7] what a frozen run goes on to write changes nothing, however much of it an origin has read', () => {
  const shapes = [full, full, { parts: [0.2] }, full, full]
  const texts = [20, 25, 60].map((count) => {
    const record = toRecord('run_a', toRunLines('run_a', 0, shapes, ['main']).slice(0, 2 + count))
    return renderMultivariant(toTimeline(ended, new Map([['run_a', record]])))
  })
  expect(new Set(texts).size).toBe(1)
})

test('[MUL8] a rendition that the newest run lacks is offered to nobody who comes now', () => {
  const first = toRecord('run_a', toRunLines('run_a', 0, [full, full], ['main', 'low', 'audio']))
  const second = toRecord('run_b', toRunLines('run_b', 60_000, [full], ['main', 'audio']))
  const runs = [
    { runId: 'run_a', base: 0, end },
    { runId: 'run_b', base: 2 },
  ]
  const records = new Map([
    ['run_a', first],
    ['run_b', second],
  ])
  expect(renderMultivariant(toTimeline({ ...plan, runs }, records))).not.toContain('low.m3u8')
})

test('[MUL9] the second picture may begin later: nobody waits for it', () => {
  const lines = [
    ...toRunLines('run_a', 0, [full], ['main']),
    toInitLine('aside', 0),
    ...toSegmentLines('main', 1, 0, 2000, full),
  ]
  expect(isStarted(toTimeline(plan, new Map([['run_a', toRecord('run_a', lines)]])))).toBe(true)
})
