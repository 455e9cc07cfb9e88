import { expect, test } from 'vitest'
import { toRecords } from '../../tests/support/recorded-run'
import type { Broadcast } from './broadcast'
import { findInit } from './media'
import { findMedia, toTimeline } from './timeline'

const NOW = 1_763_851_234_000
/** Half an hour. */
const SEGMENTS = 900

test('whoever asks for an init just after a long class that was not recorded costs a look at each segment, and no more', () => {
  const shapes = Array.from({ length: SEGMENTS }, () => ({ parts: [2] }))
  const records = toRecords({ run_a: shapes }, NOW - SEGMENTS * 2_000)
  const runs = [{ runId: 'run_a', base: 0, end: { segments: SEGMENTS, lastParts: 1 } }]
  const plan = { classId: 'cls_1', ended: true, recorded: false, runs, trimAt: NOW + 300_000 }
  const timeline = toTimeline(plan, records)
  const run = records.get('run_a')
  const segments = run?.variants.get('main')?.segments
  if (!segments) throw new Error('nothing was recorded')
  let looks = 0
  const get = segments.get.bind(segments)
  segments.get = (number) => {
    looks += 1
    return get(number)
  }
  const broadcast = {
    timeline: () => timeline,
    run: () => run,
    findSegment: (_runId: string, variant: string, number: number) => {
      const [span] = timeline.spans
      return span ? findMedia(span, variant, number) : null
    },
  } as unknown as Broadcast
  const found = findInit({ broadcast, opens: 'broadcast', now: NOW }, 'run_a', 'main', 0)
  expect(found?.number).toBeGreaterThan(SEGMENTS - 40)
  expect(looks).toBeLessThan(2 * SEGMENTS)
})
