import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { mergeDelta, type ReadPlaylist, readMediaPlaylist } from '../../tests/protocol-checks/media-playlist'
import { checkPlaylist, checkReload } from '../../tests/protocol-checks/playlist-validator'
import { readByOthers } from '../../tests/protocol-checks/public-parsers'
import { addLine, toRecord, toRecords } from '../../tests/support/recorded-run'
import {
  FULL_PARTS,
  type SegmentShape,
  toInitLine,
  toPictureLine,
  toRunLine,
  toRunLines,
  toSegmentLines,
} from '../../tests/support/run-lines'
import type { BroadcastPlan } from '../plan'
import { DVR_SEGMENTS } from './limits'
import { type PlaylistForm, renderMediaPlaylist, renderMediaPlaylistBody } from './media-playlist'
import { createPlaylistHistory } from './playlist-history'
import { toRendered } from './rendered'
import { createRunRecord, type RunRecord } from './run-record'
import { toTimeline } from './timeline'

const START = Date.parse('2026-11-23T10:00:00.000Z')
/** Prime to the number of parts in a segment: every state that a playlist can be in is read. */
const OTHERS_READ_EVERY = 7
/** Hundreds of playlists, each rendered twice and unpacked, on a busy machine. */
const MANY_PLAYLISTS_MS = 30_000
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
    #EXT-X-VERSION:10
    #EXT-X-TARGETDURATION:4
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0,CAN-SKIP-DATERANGES=YES,PART-HOLD-BACK=1.2
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
    #EXT-X-VERSION:10
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

test(
  '[PLY3] line by line through a class of two runs, every playlist is legal after every other',
  () => {
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
        withPictures(toRunLines('run_a', START, first, ['main'])),
        plan([{ runId: 'run_a', base: 0 }]),
      ),
      ...growth(
        records,
        'run_b',
        withPictures(toRunLines('run_b', START + 200_000, second, ['main']), START + 200_000),
        plan(runs),
      ),
    ]
    let before = readMediaPlaylist(steps[0] ?? '')
    for (const [index, text] of steps.entries()) {
      const now = readMediaPlaylist(text)
      const problems = [...checkPlaylist(now), ...checkReload(before, now)]
      if (index % OTHERS_READ_EVERY === 0) problems.push(...readByOthers(text))
      if (problems.length > 0) expect.fail(`${problems.join('\n')}\n${text}`)
      before = now
    }
    expect(steps.length).toBeGreaterThan(600)
    expect(before.segments.map(({ msn }) => msn)).toEqual(Array.from({ length: 68 }, (_, msn) => msn))
    expect(before.segments.at(-1)?.dsn).toBe(3)
    expect(before.dates.size).toBeGreaterThan(10)
  },
  MANY_PLAYLISTS_MS,
)

/** The pictures change every 60 lines, and once before there is anything to see. */
function withPictures(lines: string[], from = START): string[] {
  return lines.flatMap((line, index) =>
    index % 60 === 1 ? [line, toPictureLine(from + index * 100, `per_${index}`, null)] : [line],
  )
}

/**
 * The playlist of `main` after each line of a growing journal, with a memory that was there from the start, and
 * the same without any: the bytes do not differ.
 */
function growth(records: Map<string, RunRecord>, runId: string, lines: string[], shown: BroadcastPlan) {
  const run = records.get(runId) ?? createRunRecord(runId)
  const history = createPlaylistHistory('main')
  return lines.map((line) => {
    addLine(run, line)
    const timeline = toTimeline(shown, records)
    const text = renderMediaPlaylist(timeline, 'main', 'live')
    const remembered = toRendered(renderMediaPlaylistBody(timeline, 'main', 'live', history))
    expect(remembered.plain.bytes.toString()).toBe(text)
    expect(gunzipSync(remembered.gzip().bytes).toString()).toBe(text)
    return text
  })
}

test('[PLY4] a delta update with what the player had makes the whole playlist', () => {
  const shapes = Array.from({ length: 30 }, (_, n) => (n === 12 ? { ...full, discontinuity: true } : full))
  const show = (count: number, form: PlaylistForm) => {
    const lines = toRunLines('run_a', START, [...shapes.slice(0, count), open(2)], ['main'])
    const records = new Map([['run_a', toRecord('run_a', withPictures(lines))]])
    const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }]), records)
    return readMediaPlaylist(renderMediaPlaylist(timeline, 'main', form))
  }
  for (const form of ['delta', 'delta-dates'] as const) {
    const delta = show(29, form)
    expect(delta.skipped).toBeGreaterThan(10)
    expect(checkPlaylist(delta)).toEqual([])
    const merged = mergeDelta(show(28, 'live'), delta)
    const whole = show(29, 'live')
    expect(merged.segments.map(({ parts, ...rest }) => rest)).toEqual(
      whole.segments.map(({ parts, ...rest }) => rest),
    )
    expect([...merged.dates]).toEqual([...whole.dates])
  }
  expect([show(29, 'delta').dates.size, show(29, 'delta-dates').dates.size]).toEqual([5, 2])
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

test('[PLY17] of a rendition that ends in a gap its last part is reported, which stands before', () => {
  const lines = [
    ...toRunLines('run_a', START, [full], ['main', 'audio']),
    ...toSegmentLines('audio', 1, 0, START + 2000, open(2)),
  ]
  const runs = [{ runId: 'run_a', base: 0, end: { segments: 2, lastParts: 2 } }]
  const timeline = toTimeline(plan(runs), new Map([['run_a', toRecord('run_a', lines)]]))
  const text = renderMediaPlaylist(timeline, 'audio', 'live')
  const last = `LAST-MSN=0,LAST-PART=${FULL_PARTS.length - 1}`
  expect(text).toContain(`\n#EXT-X-RENDITION-REPORT:URI="main.m3u8",${last}\n`)
  expect(readByOthers(text)).toEqual([])
})

test('[PLY9] golden: the pictures of a segment stand with it, none for what shows nothing', () => {
  const lines = toRunLines('run_a', START, [full], ['main'])
  const changes = [toPictureLine(START, 'per_t', 'per_s'), toPictureLine(START + 500, null, null)]
  const records = new Map([['run_a', toRecord('run_a', [...lines, ...changes])]])
  const text = renderMediaPlaylist(toTimeline(plan([{ runId: 'run_a', base: 0 }]), records), 'main', 'live')
  expect(text.split('\n').filter((line) => line.includes('DATERANGE:'))).toMatchInlineSnapshot(`
    [
      "#EXT-X-DATERANGE:ID="picture-0",CLASS="amphi.picture",START-DATE="2026-11-23T10:00:00.000Z",END-ON-NEXT=YES,X-MAIN="per_t:camera",X-ASIDE="per_s:camera"",
      "#EXT-X-DATERANGE:ID="picture-1",CLASS="amphi.picture",START-DATE="2026-11-23T10:00:00.500Z",END-ON-NEXT=YES",
    ]
  `)
})

test('[PLY16] pictures that change all the time cost each segment a few looks, however many there have been', () => {
  const segments = 400
  const lines = [toRunLine('run_a'), toInitLine('main', 0)]
  for (let segment = 0; segment < segments; segment++) {
    const at = START + segment * 2_000
    lines.push(...toSegmentLines('main', segment, 0, at, { parts: [2] }))
    lines.push(toPictureLine(at, segment % 2 === 0 ? 'per_t' : null, null))
  }
  const record = toRecord('run_a', lines)
  let looks = 0
  record.pictures = new Proxy(record.pictures, {
    get(pictures, key, receiver) {
      looks += 1
      return Reflect.get(pictures, key, receiver)
    },
  })
  const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }]), new Map([['run_a', record]]))
  expect(renderMediaPlaylist(timeline, 'main', 'live')).toContain(`ID="picture-${segments - 1}"`)
  expect(looks / segments).toBeLessThan(40)
})

test(
  '[PLY10] a class of two hours is listed whole, and a delta update of it is small',
  () => {
    const shapes = Array.from({ length: 3600 }, () => full)
    const records = new Map([['run_a', toRecord('run_a', toRunLines('run_a', START, shapes, ['main']))]])
    const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }]), records)
    const [live, delta] = (['live', 'delta'] as const).map((form) =>
      renderMediaPlaylist(timeline, 'main', form),
    )
    expect(readMediaPlaylist(live ?? '').segments).toHaveLength(3600)
    expect(delta?.length).toBeLessThan(10_000)
  },
  MANY_PLAYLISTS_MS,
)

test(
  '[PLY11] what falls out at the front of a class that is too long leaves a playlist that begins in good order',
  () => {
    const count = DVR_SEGMENTS + 50
    const shapes = Array.from({ length: count }, (_, n) =>
      n === 10 || n === 40 ? { parts: [2], newInit: true, discontinuity: true } : { parts: [2] },
    )
    const records = new Map([['run_a', toRecord('run_a', toRunLines('run_a', START, shapes, ['main']))]])
    const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }]), records)
    const playlist = readMediaPlaylist(renderMediaPlaylist(timeline, 'main', 'live'))
    expect([playlist.firstMsn, playlist.firstDsn]).toEqual([48, 2])
    expect(playlist.segments[0]).toMatchObject({ msn: 48, map: 'run_a/main-init-2.mp4' })
    expect(playlist.segments).toHaveLength(count - 48)
  },
  MANY_PLAYLISTS_MS,
)

test('[PLY12] a replay tells its chapters, whatever their titles hold', () => {
  const runs = [{ runId: 'run_a', base: 0, end: { segments: 1, lastParts: 9 } }]
  const chapters = [
    { at: START, title: 'Who said "one\nand one"?' },
    { at: START + 900, title: '素数とは' },
  ]
  const timeline = toTimeline(plan(runs, { ended: true, chapters }), toRecords({ run_a: [full] }, START))
  const text = renderMediaPlaylist(timeline, 'main', 'replay')
  expect([...checkPlaylist(readMediaPlaylist(text)), ...readByOthers(text)]).toEqual([])
  expect(text).toContain('X-TITLE="Who said ”one and one”?"')
  expect(text).toContain(
    'ID="chapter-1795428000900",CLASS="amphi.chapter",START-DATE="2026-11-23T10:00:00.900Z"',
  )
})

test('[PLY14] a live class tells its chapters too; an update without dates has the newest', () => {
  const chapters = Array.from({ length: 20 }, (_, n) => ({ at: START + n * 1500, title: `Chapter ${n}` }))
  const records = toRecords({ run_a: Array.from({ length: 30 }, () => full) }, START)
  const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }], { chapters }), records)
  const [live, delta, short] = (['live', 'delta', 'delta-dates'] as const).map((form) =>
    readMediaPlaylist(renderMediaPlaylist(timeline, 'main', form)),
  )
  if (!live || !delta || !short) throw new Error('three forms, three playlists')
  expect([live.dates.size, delta.dates.size, short.dates.size]).toEqual([20, 20, 8])
  expect([...mergeDelta(live, short).dates.keys()]).toEqual([...live.dates.keys()])
  expect(checkPlaylist(live)).toEqual([])
})

test('[PLY8] a rendition report tells how far the other variants are', () => {
  const timeline = toTimeline(
    plan([{ runId: 'run_a', base: 5 }]),
    toRecords({ run_a: [full, open(3)] }, START),
  )
  const playlist = readMediaPlaylist(renderMediaPlaylist(timeline, 'main', 'live'))
  expect(playlist.reports).toEqual([{ uri: 'audio.m3u8', lastMsn: 6, lastPart: 2 }])
})

test(
  '[PLY13] the second picture begins later, pauses and comes back: gaps between, legal at every line',
  () => {
    const lines = [toRunLine('run_a'), toInitLine('main', 0)]
    for (let n = 0; n < 30; n++) {
      if (n === 5) lines.push(toInitLine('aside', 0))
      lines.push(...toSegmentLines('main', n, 0, START + n * 2000, full))
      const isShown = (n >= 5 && n < 9) || n >= 20
      if (isShown) lines.push(...toSegmentLines('aside', n, 0, START + n * 2000, full))
    }
    const run = createRunRecord('run_a')
    const history = createPlaylistHistory('aside')
    let before: ReadPlaylist | null = null
    for (const line of lines) {
      addLine(run, line)
      const timeline = toTimeline(plan([{ runId: 'run_a', base: 0 }]), new Map([['run_a', run]]))
      if (!timeline.variants.includes('aside')) continue
      const text = renderMediaPlaylist(timeline, 'aside', 'live')
      const remembered = renderMediaPlaylistBody(timeline, 'aside', 'live', history)
      expect(remembered.beginning.plain.toString() + remembered.rest).toBe(text)
      const now = readMediaPlaylist(text)
      expect([...checkPlaylist(now), ...(before ? checkReload(before, now) : [])], text).toEqual([])
      before = now
    }
    const shown = before?.segments.map(({ gap }) => (gap ? '.' : '#')).join('')
    expect(shown).toBe('.....####...........##########')
    expect(before?.reports).toEqual([])
  },
  MANY_PLAYLISTS_MS,
)

test('[PLY15] the hint after a short part is the next segment: only the last part of a segment is short', () => {
  const hintAfter = (parts: number[]) => {
    const records = toRecords({ run_a: [full, { parts, open: true }] }, START)
    return readMediaPlaylist(
      renderMediaPlaylist(toTimeline(plan([{ runId: 'run_a', base: 0 }]), records), 'main', 'live'),
    ).hint
  }
  expect(hintAfter(FULL_PARTS.slice(0, 8))).toBe('run_a/main-1.8.m4s')
  expect(hintAfter(FULL_PARTS)).toBe('run_a/main-2.0.m4s')
})
