import { expect, test } from 'vitest'
import { createStallCount } from './stall-count'

test('a wait that nobody sees is not a stall, one that is seen counts once, whatever it is called meanwhile', () => {
  const stalls = createStallCount()
  stalls.look('stalled', 1_000)
  stalls.look('playing', 1_199)
  expect(stalls.take(1_200)).toBe(0)
  stalls.look('stalled', 2_000)
  stalls.look('recovering', 2_150)
  stalls.look('stalled', 2_180)
  stalls.look('playing', 2_200)
  stalls.look('stalled', 3_000)
  stalls.look('playing', 4_000)
  expect(stalls.take(5_000)).toBe(2)
  expect(stalls.take(6_000)).toBe(0)
})

test('whoever still stands says so in every report', () => {
  const stalls = createStallCount()
  stalls.look('stalled', 1_000)
  expect(stalls.take(10_000)).toBe(1)
  expect(stalls.take(20_000)).toBe(1)
  stalls.look('playing', 20_001)
  expect(stalls.take(30_000)).toBe(1)
  expect(stalls.take(40_000)).toBe(0)
})

test('the wait for the first picture is none', () => {
  const stalls = createStallCount()
  stalls.look('starting', 0)
  stalls.look('playing', 5_000)
  expect(stalls.take(10_000)).toBe(0)
})
