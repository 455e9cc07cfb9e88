import { expect, test } from 'vitest'
import { toClock, toSpan } from './durations'

test('a countdown shows every second and stops at zero', () => {
  expect(toClock(125_000)).toBe('2:05')
  expect(toClock(400)).toBe('0:01')
  expect(toClock(-5_000)).toBe('0:00')
})
test('a wait is told in its largest unit', () => {
  expect([toSpan(20_500), toSpan(200_000), toSpan(7_300_000)]).toEqual(['20 s', '3 min', '2 h'])
})
