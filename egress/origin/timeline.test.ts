import { expect, test } from 'vitest'
import { toRecord, toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS, toInitLine, toRunLine, toSegmentLines } from '../../tests/support/run-lines'
import type { BroadcastPlan } from '../plan'
import { renderMediaPlaylist } from './media-playlist'
import type { RunRecord } from './run-record'
import { countBreaksBefore, findEdge, findSegment, type Timeline, toTimeline } from './timeline'

const full = { parts: FULL_PARTS }
const open = (count: number) => ({ parts: FULL_PARTS.slice(0, count), open: true })
const START = 1_763_851_234_000

function plan(runs: BroadcastPlan['runs'], ended = false): BroadcastPlan {
  return { classId: 'cls_1', ended, recorded: true, runs }
}

function describeTimeline(timeline: Timeline, variant: string): string[] {
  const edge = findEdge(timeline, variant)
  const lines = Array.from({ length: edge.nextMsn }, (_, msn) => {
    const found = findSegment(timeline, variant, msn)
    if (!found) return `${msn} nothing`
    const parts = found.kind === 'media' ? found.parts.length : 'gap'
    const mark = found.discontinuity ? ' break' : ''
    return `${msn} ${found.runId}/${found.number} ${parts} ${found.durationSeconds.toFixed(2)}${mark}`
  })
  return edge.open ? [...lines, `${edge.open.msn} open ${edge.open.parts.length}`] : lines
}

test('[TML1] a running run is listed up to its newest part', () => {
  const timeline = toTimeline(
    plan([{ runId: 'run_a', base: 0 }]),
    toRecords({ run_a: [full, full, open(3)] }, START),
  )
  expect(describeTimeline(timeline, 'main')).toEqual(['0 run_a/0 9 2.00', '1 run_a/1 9 2.00', '2 open 3'])
  expect(timeline.variants).toEqual(['main', 'audio'])
})

test('[TML2] runs meet at a discontinuity and media sequence goes on', () => {
  const records = toRecords({ run_a: [full, open(3)], run_b: [full, open(1)] }, START)
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 2, lastParts: 3 } },
    { runId: 'run_b', base: 2 },
  ]
  const timeline = toTimeline(plan(runs), records)
  expect(describeTimeline(timeline, 'main')).toEqual([
    '0 run_a/0 9 2.00',
    '1 run_a/1 3 0.70',
    '2 run_b/0 9 2.00 break',
    '3 open 1',
  ])
})

test('[TML3] nothing beyond its end is listed of a frozen run, however far its journal goes', () => {
  const end = { segments: 2, lastParts: 3 }
  const frozen = plan([{ runId: 'run_a', base: 0, end }])
  const atDeath = toTimeline(frozen, toRecords({ run_a: [full, open(3)] }, START))
  const after = toTimeline(frozen, toRecords({ run_a: [full, full, full, full] }, START))
  expect(describeTimeline(after, 'main')).toEqual(describeTimeline(atDeath, 'main'))
  expect(findEdge(after, 'main')).toEqual({ nextMsn: 2, open: null })
})

test('[TML4] a run that died before its first part leaves nothing behind', () => {
  const records = toRecords({ run_a: [full], run_c: [full] }, START)
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 1, lastParts: 9 } },
    { runId: 'run_b', base: 1, end: { segments: 0, lastParts: 0 } },
    { runId: 'run_c', base: 1 },
  ]
  const timeline = toTimeline(plan(runs), records)
  expect(describeTimeline(timeline, 'main')).toEqual(['0 run_a/0 9 2.00', '1 run_c/0 9 2.00 break'])
  expect(countBreaksBefore(timeline, 2)).toBe(1)
})

test('[TML5] the breaks before a segment are those of its own run and of all runs before', () => {
  const cut = { ...full, discontinuity: true }
  const records = toRecords({ run_a: [full, cut, full, cut], run_b: [full, cut, full] }, START)
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 3, lastParts: 9 } },
    { runId: 'run_b', base: 3 },
  ]
  const timeline = toTimeline(plan(runs), records)
  expect([0, 1, 2, 3, 4, 5, 6].map((msn) => countBreaksBefore(timeline, msn))).toEqual([0, 0, 1, 1, 2, 3, 3])
})

test('[TML6] what a variant lacks and another has is a gap of the same length', () => {
  const lines = [
    toRunLine('run_a'),
    ...['main', 'audio'].map((variant) => toInitLine(variant, 0)),
    ...[0, 1, 2].flatMap((n) => toSegmentLines('main', n, 0, START + n * 2000, full)),
    ...toSegmentLines('audio', 2, 0, START + 4000, full),
  ]
  const timeline = toTimeline(
    plan([{ runId: 'run_a', base: 0 }]),
    new Map([['run_a', toRecord('run_a', lines)]]),
  )
  expect(describeTimeline(timeline, 'audio')).toEqual([
    '0 run_a/0 gap 2.00',
    '1 run_a/1 gap 2.00',
    '2 run_a/2 9 2.00',
  ])
})

test('[TML7] a variant that is missing from a whole run is a gap there, also while the run is on', () => {
  const main = ['main']
  const lines = [toRunLine('run_b'), toInitLine('main', 0)].concat(
    [0, 1, 2].flatMap((n) => toSegmentLines('main', n, 0, START + n * 2000, full)),
  )
  const records = toRecords({ run_a: [full] }, START).set('run_b', toRecord('run_b', lines))
  const first = { runId: 'run_a', base: 0, end: { segments: 1, lastParts: 9 } }
  const running = toTimeline(plan([first, { runId: 'run_b', base: 1 }]), records)
  expect(describeTimeline(running, 'audio')).toEqual(['0 run_a/0 9 2.00', '1 run_b/0 gap 2.00 break'])
  const end = { segments: 3, lastParts: 9 }
  const frozen = toTimeline(plan([first, { runId: 'run_b', base: 1, end }], true), records)
  expect(describeTimeline(frozen, 'audio').slice(1)).toEqual([
    '1 run_b/0 gap 2.00 break',
    '2 run_b/1 gap 2.00',
    '3 run_b/2 gap 2.00',
  ])
  expect(describeTimeline(frozen, main[0] ?? '')).toHaveLength(4)
})

test('[TML10] what a dead run had begun in one rendition stands in for another that has the same tracks', () => {
  const names = ['main', 'audio', 'low', 'mid']
  const lines = [
    toRunLine('run_a'),
    ...names.map((variant) => toInitLine(variant, 0)),
    ...names.flatMap((variant) => toSegmentLines(variant, 0, 0, START, full)),
    ...toSegmentLines('main', 1, 0, START + 2000, open(2)),
  ]
  const records = new Map([['run_a', toRecord('run_a', lines)]])
  const running = toTimeline(plan([{ runId: 'run_a', base: 0 }]), records)
  expect(describeTimeline(running, 'low')).toEqual(['0 run_a/0 9 2.00'])
  const end = { segments: 2, lastParts: 2 }
  const dead = toTimeline(plan([{ runId: 'run_a', base: 0, end }]), records)
  for (const variant of ['main', 'mid', 'low']) {
    expect(findSegment(dead, variant, 1)).toMatchObject({ kind: 'media', file: 'main-1.m4s', partCount: 2 })
    const lines = renderMediaPlaylist(dead, variant, 'live').split('\n')
    expect(lines).toContain('#EXT-X-MAP:URI="run_a/main-init-0.mp4"')
    expect(lines).toContain('run_a/main-1.m4s')
    expect(lines).not.toContain(`run_a/${variant}-1.m4s`.replace('main', 'low'))
  }
  expect(findSegment(dead, 'audio', 1)).toMatchObject({ kind: 'gap' })
})

test('[TML8] a run whose journal is lost keeps its place', () => {
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 2, lastParts: 4 } },
    { runId: 'run_b', base: 2 },
  ]
  const timeline = toTimeline(plan(runs), toRecords({ run_b: [full] }, START))
  expect(describeTimeline(timeline, 'main')).toEqual([
    '0 run_a/0 gap 2.00',
    '1 run_a/1 gap 2.00',
    '2 run_b/0 9 2.00 break',
  ])
})

test('[TML9] nobody has a place before the first run', () => {
  const timeline = toTimeline(plan([]), new Map<string, RunRecord>())
  expect(findEdge(timeline, 'main')).toEqual({ nextMsn: 0, open: null })
  expect(findSegment(timeline, 'main', 0)).toBeNull()
})

test('[TML10] pictures of a run begin after those of the run before, and not before its own first segment', () => {
  const records = toRecords({ run_a: [full, full], run_b: [full] }, START)
  const shown = (at: number, segment: number) => ({ at, main: null, aside: null, segment })
  const [a, b] = [records.get('run_a'), records.get('run_b')]
  const firstMs = b?.boundaries[0]?.pdtMs ?? 0
  a?.pictures.push(shown(START, 0), shown(firstMs + 300, 1))
  // A standby that has been there for as long.
  b?.pictures.push(shown(START - 5, 0), shown(firstMs + 100, 0), shown(firstMs + 900, 0))
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 2, lastParts: 9 } },
    { runId: 'run_b', base: 2 },
  ]
  const { spans } = toTimeline(plan(runs), records)
  expect(spans.map(({ pictureStarts }) => pictureStarts)).toEqual([
    [START, firstMs + 300],
    [firstMs + 301, firstMs + 302, firstMs + 900],
  ])
  const cut = { ...runs[0], end: { segments: 1, lastParts: 9 } } as (typeof runs)[0]
  expect(toTimeline(plan([cut, { runId: 'run_b', base: 1 }]), records).spans[1]?.pictureStarts).toEqual([
    firstMs,
    firstMs + 100,
    firstMs + 900,
  ])
})
