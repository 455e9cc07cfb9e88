import { expect, test } from 'vitest'
import { toRecord, toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS, toInitLine, toRunLine, toSegmentLines } from '../../tests/support/run-lines'
import { toBacklogSeenAt, toHealth } from './health'

const full = { parts: FULL_PARTS }

test('[HEA1] health is what is listed: segments started, parts of the last', () => {
  const record = toRecords({ run_a: [full, { parts: [0.25, 0.25], open: true }] }, 1000).get('run_a')
  expect(record && toHealth(record, 5000, 2000)).toEqual({
    runId: 'run_a',
    segments: 2,
    parts: 2,
    lastPdt: expect.closeTo(3249.97),
    seenAt: 5000,
    firstPartAt: 2000,
  })
})

test('[HEA2] the variant that is furthest counts, so nothing that was listed is cut off', () => {
  const open = (parts: number[]) => ({ parts, open: true })
  const lines = [
    toRunLine('run_a'),
    ...['main', 'audio'].map((variant) => toInitLine(variant, 0)),
    ...toSegmentLines('main', 0, 0, 0, open([0.25, 0.25, 0.25])),
    ...toSegmentLines('audio', 0, 0, 0, open([0.25])),
  ]
  expect(toHealth(toRecord('run_a', lines), 0, 0)).toMatchObject({ segments: 1, parts: 3 })
})

test('[HEA3] a run without a part has no health', () => {
  expect(toHealth(toRecord('run_a', [toRunLine('run_a'), toInitLine('main', 0)]), 0, 0)).toBeNull()
})

test('[HEA4] an old part found on disk does not look as if it had just come', () => {
  const record = toRecords({ run_a: [full] }, 1000).get('run_a')
  expect(record && toBacklogSeenAt(record, 60_000)).toBeCloseTo(2999.97)
  expect(record && toBacklogSeenAt(record, 2000)).toBe(2000)
})
