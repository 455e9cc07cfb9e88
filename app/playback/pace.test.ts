import { expect, test } from 'vitest'
import { type Arrival, toBitsPerSecond, withArrival } from './pace'

function arrive(count: number, bytes: number, ms: number): Arrival[] {
  let arrivals: Arrival[] = []
  for (let i = 0; i < count; i++)
    arrivals = withArrival(arrivals, { first: i * 250, end: i * 250 + ms, bytes })
  return arrivals
}

test('small parts of a low rendition show a fast link as fast', () => {
  expect(toBitsPerSecond(arrive(20, 6_000, 1))).toBeGreaterThan(30_000_000)
})
test('and a slow one as slow', () => {
  const bits = toBitsPerSecond(arrive(20, 6_000, 30)) ?? 0
  expect(bits).toBeGreaterThan(1_000_000)
  expect(bits).toBeLessThan(1_300_000)
})
test('little, or little at a time, says nothing', () => {
  expect(toBitsPerSecond(arrive(5, 6_000, 1))).toBeNull()
  expect(toBitsPerSecond(arrive(50, 1_000, 1))).toBeNull()
})
