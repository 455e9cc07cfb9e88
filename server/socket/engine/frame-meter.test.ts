import { expect, test } from 'vitest'
import { countFrame, isFlood } from './frame-meter'

test('[FLOOD9] a burst passes, a steady stream below the rate passes for ever, a flood does not', () => {
  let level = 0
  for (let i = 0; i < 400; i++) level = countFrame(level, 0)
  expect(isFlood(level)).toBe(false)
  expect(isFlood(countFrame(level, 0))).toBe(true)
  level = 0
  for (let i = 0; i < 20_000; i++) level = countFrame(level, i % 200 === 0 ? 1 : 0)
  expect(isFlood(level)).toBe(false)
  for (let i = 0; i < 3000; i++) level = countFrame(level, i % 300 === 0 ? 1 : 0)
  expect(isFlood(level)).toBe(true)
})

test('[FLOOD10] a pause is forgiven, and a clock that steps back fills nothing', () => {
  expect(countFrame(400, 2)).toBe(1)
  expect(countFrame(400, -5)).toBe(401)
})

test('[FLOOD11] a frame counts by its length, too: the largest are a flood long before the smallest', () => {
  const burst = (bytes: number) => {
    let level = 0
    let frames = 0
    while (!isFlood(level)) {
      level = countFrame(level, 0, bytes)
      frames += 1
    }
    return frames - 1
  }
  expect(burst(100)).toBe(400)
  expect(burst(64 * 1024)).toBe(23)
})
