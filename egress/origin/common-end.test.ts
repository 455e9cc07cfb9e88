import { expect, test } from 'vitest'
import { readMediaPlaylist } from '../../tests/protocol-checks/media-playlist'
import { toRecord } from '../../tests/support/recorded-run'
import { FULL_PARTS, toInitLine, toRunLine, toSegmentLines } from '../../tests/support/run-lines'
import type { BroadcastPlan } from '../plan'
import { renderMediaPlaylist } from './media-playlist'
import { toTimeline } from './timeline'

const START = Date.parse('2026-11-23T10:00:00.000Z')
/** By how much each rendition's segments are longer, seconds. */
const VARIANTS = { main: 0.000205, mid: 0.000015, low: 0.000305, audio: 0.001 }
const SEGMENTS = 3

function toReplay(variant: string, offsets: Record<string, number>, recording?: BroadcastPlan['recording']) {
  const names = Object.keys(offsets)
  const lines = [toRunLine('run_a'), ...names.map((name) => toInitLine(name, 0))]
  for (let segment = 0; segment < SEGMENTS; segment++) {
    for (const [name, offset] of Object.entries(offsets)) {
      const parts = [...FULL_PARTS.slice(0, -1), 0.13333 + offset]
      lines.push(...toSegmentLines(name, segment, 0, START + segment * 2_000, { parts }))
    }
  }
  const runs = [{ runId: 'run_a', base: 0, end: { segments: SEGMENTS, lastParts: FULL_PARTS.length } }]
  const plan = { classId: 'cls_1', ended: true, recorded: true, recording, runs }
  const timeline = toTimeline(plan, new Map([['run_a', toRecord('run_a', lines)]]))
  return readMediaPlaylist(renderMediaPlaylist(timeline, variant, 'replay')).segments.map(
    ({ whole }) => whole?.seconds ?? 0,
  )
}
const sum = (seconds: readonly number[]) => seconds.reduce((all, own) => all + own, 0)

test.each([undefined, [{ from: START + 2_000, to: START + 6_000 }]])(
  '[CEN1] every rendition with pictures ends where the longest does, as its last segment says (recorded: %j)',
  (recording) => {
    const [main, mid, low] = ['main', 'mid', 'low'].map((name) => toReplay(name, VARIANTS, recording))
    expect(sum(main ?? [])).toBeCloseTo(sum(low ?? []), 7)
    expect(sum(mid ?? [])).toBeCloseTo(sum(low ?? []), 7)
    expect(mid?.slice(0, -1)).toEqual(mid?.slice(0, -1).map(() => mid[0]))
    expect(low?.at(-1)).toBe(low?.[0])
  },
)

test('[CEN2] the sound keeps its own end, and so does a rendition that lacks more than a few parts', () => {
  expect(toReplay('audio', VARIANTS)).toEqual([2.00097, 2.00097, 2.00097])
  const [first, , last] = toReplay('mid', { main: 0.5, mid: 0 })
  expect(last).toBe(first)
})
