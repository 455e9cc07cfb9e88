import { expect, test } from 'vitest'
import { offsetOf, toClockSample, withSample } from './clock-offset'

test('an even round trip gives the exact offset', () => {
  const sample = toClockSample({ t0: 1_000, t1: 6_020, t2: 6_021, t3: 1_041 })
  expect(sample).toEqual({ offsetMs: 5_000, roundTripMs: 40 })
})
test('the quickest round trip is believed', () => {
  const slow = toClockSample({ t0: 0, t1: 400, t2: 400, t3: 500 })
  const quick = toClockSample({ t0: 0, t1: 110, t2: 110, t3: 20 })
  expect(offsetOf([slow, quick, slow])).toBe(100)
})
test('old samples make room for new ones', () => {
  let samples = [{ offsetMs: 1, roundTripMs: 1 }]
  for (let i = 0; i < 8; i++) samples = withSample(samples, { offsetMs: 2, roundTripMs: 5 })
  expect(offsetOf(samples)).toBe(2)
})
test('nothing is known before the first answer', () => {
  expect(offsetOf([])).toBeNull()
})
