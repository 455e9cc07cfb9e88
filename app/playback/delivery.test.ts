import { expect, test } from 'vitest'
import { decideDelivery, firstDelivery } from './delivery'

const quick = { neededSeconds: 1, roundTripMs: 30 }
const bus = { neededSeconds: 3.3, roundTripMs: 240 }

test('parts while they keep up, segments when they do not', () => {
  const parts = firstDelivery(0)
  expect(decideDelivery(parts, { at: 90_000, ...quick })).toBe(parts)
  expect(decideDelivery(parts, { at: 90_000, ...bus })).toEqual({ by: 'segments', since: 90_000, falls: 0 })
})
test('parts again once the round trip is quick, after a while of calm', () => {
  const segments = { by: 'segments', since: 0, falls: 0 } as const
  expect(decideDelivery(segments, { at: 100_000, ...bus }).by).toBe('segments')
  expect(decideDelivery(segments, { at: 100_000, neededSeconds: 3, roundTripMs: null }).by).toBe('segments')
  expect(decideDelivery(segments, { at: 10_000, ...quick }).by).toBe('segments')
  expect(decideDelivery(segments, { at: 20_000, ...quick }).by).toBe('parts')
})
test('parts that fail soon are tried less and less often', () => {
  const again = decideDelivery({ by: 'parts', since: 0, falls: 1 }, { at: 5_000, ...bus })
  expect(again).toEqual({ by: 'segments', since: 5_000, falls: 2 })
  expect(decideDelivery(again, { at: 40_000, ...quick }).by).toBe('segments')
  expect(decideDelivery(again, { at: 66_000, ...quick }).by).toBe('parts')
})
