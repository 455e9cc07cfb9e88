import { expect, test } from 'vitest'
import { type Arrival, toBitsPerSecond, toFlow, toRecentBitsPerSecond, withArrival } from './pace'

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
test('a link that becomes slow is known as slow after a few answers, whatever came before', () => {
  const fast = arrive(20, 50_000, 2)
  const slow = (count: number) =>
    arrive(count, 50_000, 1_400).reduce((kept, one) => withArrival(kept, one), fast)
  expect(toRecentBitsPerSecond(slow(3))).toBeLessThan(300_000)
  expect(toRecentBitsPerSecond(fast)).toBeGreaterThan(100_000_000)
})
test('an outage, which delays an answer or two, says nothing about the link', () => {
  const outage = arrive(2, 50_000, 5_000).reduce((kept, one) => withArrival(kept, one), arrive(20, 50_000, 2))
  expect(toRecentBitsPerSecond(outage)).toBeGreaterThan(100_000_000)
  expect(toRecentBitsPerSecond(arrive(4, 50_000, 2))).toBeNull()
})
test('an answer that is too large for the link shows it while it comes; an outage, in which nothing does, shows nothing', () => {
  const [answer, fast] = [{}, arrive(20, 50_000, 2)]
  expect(toFlow({ answer, bytes: 0, at: 500 }, { answer, bytes: 75_000, at: 2_500 }, fast)).toBe(300_000)
  expect(toFlow({ answer, bytes: 75_000, at: 500 }, { answer, bytes: 75_000, at: 2_500 }, fast)).toBeNull()
})
test('where answers end from look to look, they show it', () => {
  const slow = arrive(20, 50_000, 1_400)
  expect(toFlow({ answer: {}, bytes: 0, at: 500 }, { answer: {}, bytes: 9, at: 900 }, slow)).toBe(
    toRecentBitsPerSecond(slow),
  )
})
