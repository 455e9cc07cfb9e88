import { expect, test } from 'vitest'
import { isRecorded } from './recorded'

const spans = [{ from: 10_000, to: 20_000 }, { from: 30_000 }]

test('[PLN8] only what lies whole within a recorded time is part of the recording', () => {
  const recorded = [8_000, 9_500, 10_000, 17_999, 18_000, 19_000, 25_000, 29_000, 30_000, 90_000].filter(
    (start) => isRecorded(spans, start, 2_000),
  )
  expect(recorded).toEqual([10_000, 17_999, 18_000, 30_000, 90_000])
  expect(isRecorded([], 0, 1)).toBe(false)
})
