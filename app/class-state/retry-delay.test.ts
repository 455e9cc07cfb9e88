import { expect, test } from 'vitest'
import { retryDelayMs } from './retry-delay'

test('the first retry comes at once, later ones further apart', () => {
  expect(retryDelayMs(0, 0)).toBe(200)
  expect(retryDelayMs(3, 0)).toBe(1_600)
})
test('no wait is longer than eight seconds, however often it failed', () => {
  expect(retryDelayMs(1_000, 0.999)).toBeLessThanOrEqual(8_000)
})
