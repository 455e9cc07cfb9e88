import { expect, test } from 'vitest'
import { mergeDelta, readMediaPlaylist } from '../../tests/protocol-checks/media-playlist'
import { checkPlaylist, checkReload } from '../../tests/protocol-checks/playlist-validator'
import { addLine, toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS, type SegmentShape, toRunLines } from '../../tests/support/run-lines'
import type { BroadcastPlan } from '../plan'
import { renderMediaPlaylist } from './media-playlist'
import { createRunRecord, type RunRecord } from './run-record'
import { toTimeline } from './timeline'

const START = Date.parse('2026-11-23T10:00:00.000Z')
const full = { parts: FULL_PARTS }
const open = (count: number) => ({ parts: FULL_PARTS.slice(0, count), open: true })

function plan(runs: BroadcastPlan['runs'], change: Partial<BroadcastPlan> = {}): BroadcastPlan {
  return { classId: 'cls_1', ended: false, recorded: true, runs, ...change }
}

test('[PLY1] golden: two runs, the second with a new init segment and a part ahead', () => {
  const shapes = { run_a: [full, open(2)], run_b: [full, { ...open(2), newInit: true }] }
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 2, lastParts: 2 } },
    { runId: 'run_b', base: 2 },
  ]
  const text = renderMediaPlaylist(toTimeline(plan(runs), toRecords(shapes, START)), 'main', 'live')
  expect(text).toMatchInlineSnapshot(`
    "#EXTM3U
    #EXT-X-VERSION:9
    #EXT-X-TARGETDURATION:4
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0,PART-HOLD-BACK=1.2
    #EXT-X-PART-INF:PART-TARGET=0.27
    #EXT-X-MEDIA-SEQUENCE:0
    #EXT-X-DISCONTINUITY-SEQUENCE:0
    #EXT-X-INDEPENDENT-SEGMENTS
    #EXT-X-MAP:URI="run_a/main-init-0.mp4"
    #EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:00:00.000Z
    #EXT-X-PART:DURATION=0.23333,INDEPENDENT=YES,URI="run_a/main-0.0.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.1.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.2.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.3.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.4.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.5.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.6.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-0.7.m4s"
    #EXT-X-PART:DURATION=0.13333,URI="run_a/main-0.8.m4s"
    #EXTINF:1.99997,
    run_a/main-0.m4s
    #EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:00:02.000Z
    #EXT-X-PART:DURATION=0.23333,INDEPENDENT=YES,URI="run_a/main-1.0.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_a/main-1.1.m4s"
    #EXTINF:0.46666,
    run_a/main-1.m4s
    #EXT-X-DISCONTINUITY
    #EXT-X-MAP:URI="run_b/main-init-0.mp4"
    #EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:01:00.000Z
    #EXT-X-PART:DURATION=0.23333,INDEPENDENT=YES,URI="run_b/main-0.0.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.1.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.2.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.3.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.4.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.5.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.6.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-0.7.m4s"
    #EXT-X-PART:DURATION=0.13333,URI="run_b/main-0.8.m4s"
    #EXTINF:1.99997,
    run_b/main-0.m4s
    #EXT-X-MAP:URI="run_b/main-init-1.mp4"
    #EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:01:02.000Z
    #EXT-X-PART:DURATION=0.23333,INDEPENDENT=YES,URI="run_b/main-1.0.m4s"
    #EXT-X-PART:DURATION=0.23333,URI="run_b/main-1.1.m4s"
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="run_b/main-1.2.m4s"
    #EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=3,LAST-PART=1
    "
  `)
  expect(checkPlaylist(readMediaPlaylist(text))).toEqual([])
})

test('[PLY2] golden: the replay of an ended class is a VOD of all its segments', () => {
  const runs = [{ runId: 'run_a', base: 0, end: { segments: 2, lastParts: 2 } }]
  const timeline = toTimeline(plan(runs, { ended: true }), toRecords({ run_a: [full, full, full] }, START))
  const text = renderMediaPlaylist(timeline, 'audio', 'replay')
  expect(text).toMatchInlineSnapshot(`
    "#EXTM3U
    #EXT-X-VERSION:9
    #EXT-X-TARGETDURATION:4
    #EXT-X-PLAYLIST-TYPE:VOD
    #EXT-X-MEDIA-SEQUENCE:0
    #EXT-X-DISCONTINUITY-SEQUENCE:0
    #EXT-X-INDEPENDENT-SEGMENTS
    #EXT-X-MAP:URI="run_a/audio-init-0.mp4"
    #EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:00:00.000Z
    #EXTINF:1.99997,
    run_a/audio-0.m4s
    #EXT-X-PROGRAM-DATE-TIME:2026-11-23T10:00:02.000Z
    #EXTINF:0.46666,
    run_a/audio-1.m4s
    #EXT-X-ENDLIST
    "
  `)
  expect(checkPlaylist(readMediaPlaylist(text))).toEqual([])
})

test('[PLY3] line by line through a class of two runs, every playlist is legal after every other', () => {
  const many = (count: number, change: SegmentShape = full) => Array.from({ length: count }, () => change)
  const first = [...many(8), { ...full, discontinuity: true, newInit: true }, ...many(24), open(4)]
  const second = [...many(32), { ...full, discontinuity: true }, full]
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 34, lastParts: 4 } },
    { runId: 'run_b', base: 34 },
  ]
  const records = new Map([
    ['run_a', createRunRecord('run_a')],
    ['run_b', createRunRecord('run_b')],
  ])
  const steps = [
    ...growth(
      records,
      'run_a',
      toRunLines('run_a', START, first, ['main']),
      plan([{ runId: 'run_a', base: 0 }]),
    ),
    ...growth(records, 'run_b', toRunLines('run_b', START + 200_000, second, ['main']), plan(runs)),
  ]
  let before = readMediaPlaylist(steps[0] ?? '')
  for (const text of steps) {
    const now = readMediaPlaylist(text)
    const problems = [...checkPlaylist(now), ...checkReload(before, now)]
    if (problems.length > 0) expect.fail(`${problems.join('\n')}\n${text}`)
    before = now
  }
  expect(steps.length).toBeGreaterThan(600)
  expect(before.firstMsn).toBeGreaterThan(34)
  expect(before.firstDsn).toBe(2)
})

/** The playlist of `main` after each line of a growing journal. */
function growth(records: Map<string, RunRecord>, runId: string, lines: string[], shown: BroadcastPlan) {
  const run = records.get(runId) ?? createRunRecord(runId)
  return lines.map((line) => {
    addLine(run, line)
    return renderMediaPlaylist(toTimeline(shown, records), 'main', 'live')
  })
}

test('[PLY4] a delta update with what the player had makes the whole playlist', () => {
  const shapes = Array.from({ length: 30 }, (_, n) => (n === 12 ? { ...full, discontinuity: true } : full))
  const show = (count: number, form: 'live' | 'delta') => {
    const records = toRecords({ run_a: [...shapes.slice(0, count), open(2)] }, START)
    const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }]), records)
    return readMediaPlaylist(renderMediaPlaylist(timeline, 'main', form))
  }
  const delta = show(29, 'delta')
  expect(delta.skipped).toBeGreaterThan(10)
  expect(checkPlaylist(delta)).toEqual([])
  expect(mergeDelta(show(28, 'live'), delta).segments.map(({ parts, ...rest }) => rest)).toEqual(
    show(29, 'live').segments.map(({ parts, ...rest }) => rest),
  )
})

test('[PLY5] a player at the edge learns of the end in the playlist it knows, without parts to come', () => {
  const runs = [{ runId: 'run_a', base: 0, end: { segments: 41, lastParts: 4 } }]
  const shapes = [...Array.from({ length: 40 }, () => full), open(4)]
  const live = toTimeline(plan([{ runId: 'run_a', base: 0 }]), toRecords({ run_a: shapes }, START))
  const ended = toTimeline(plan(runs, { ended: true }), toRecords({ run_a: shapes }, START))
  const [before, after] = [live, ended].map((timeline) =>
    readMediaPlaylist(renderMediaPlaylist(timeline, 'main', 'live')),
  )
  if (!before || !after) throw new Error('two timelines, two playlists')
  expect([...checkPlaylist(after), ...checkReload(before, after)]).toEqual([])
  expect(after.ended).toBe(true)
})

test('[PLY6] while a dead run waits for its successor the playlist neither ends nor hints', () => {
  const end = { segments: 3, lastParts: 4 }
  const records = toRecords({ run_a: [full, full, open(4)] }, START)
  const timeline = toTimeline(plan([{ runId: 'run_a', base: 0, end }]), records)
  const playlist = readMediaPlaylist(renderMediaPlaylist(timeline, 'main', 'live'))
  expect(playlist.ended).toBe(false)
  expect(playlist.hint).toBeNull()
  expect(checkPlaylist(playlist)).toEqual([])
})

test('[PLY7] a segment that the variant lacks is marked as a gap', () => {
  const records = toRecords({ run_b: [full, full] }, START)
  const runs = [
    { runId: 'run_a', base: 0, end: { segments: 1, lastParts: 4 } },
    { runId: 'run_b', base: 1 },
  ]
  const playlist = readMediaPlaylist(renderMediaPlaylist(toTimeline(plan(runs), records), 'main', 'live'))
  expect(playlist.segments.map(({ gap }) => gap)).toEqual([true, false, false])
  expect(checkPlaylist(playlist).filter((problem) => !problem.includes('date'))).toEqual([])
})

test('[PLY8] a rendition report tells how far the other variants are', () => {
  const timeline = toTimeline(
    plan([{ runId: 'run_a', base: 5 }]),
    toRecords({ run_a: [full, open(3)] }, START),
  )
  const playlist = readMediaPlaylist(renderMediaPlaylist(timeline, 'main', 'live'))
  expect(playlist.reports).toEqual([{ uri: 'audio.m3u8', lastMsn: 6, lastPart: 2 }])
})
