import { expect, test } from 'vitest'
import { type Timeline, valueAt, withEntry } from './timeline'

const shown: Timeline<string> = [
  { at: 1_000, value: 'first' },
  { at: 5_000, value: 'second' },
]

test('a picture two seconds behind shows what was on screen two seconds ago', () => {
  expect(valueAt(shown, 4_999)).toBe('first')
  expect(valueAt(shown, 5_000)).toBe('second')
})
test('before the first moment there is nothing', () => {
  expect(valueAt(shown, 999)).toBeNull()
})
test('going back in the picture goes back on screen', () => {
  expect(valueAt(shown, 6_000)).toBe('second')
  expect(valueAt(shown, 1_500)).toBe('first')
})
test('it does not grow without bound', () => {
  let timeline: Timeline<number> = []
  for (let i = 0; i < 12_000; i++) timeline = withEntry(timeline, i, i)
  expect(timeline.length).toBe(10_000)
  expect(valueAt(timeline, 11_999)).toBe(11_999)
  expect(valueAt(timeline, 5_000)).toBe(5_000)
})
