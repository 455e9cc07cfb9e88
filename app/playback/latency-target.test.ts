import { describe, expect, test } from 'vitest'
import { evolveTarget, firstTarget, type LatencySample, LONGEST_TARGET_SECONDS } from './latency-target'

const LEAST = 1.2
const TICK_MS = 250

type Moment = Pick<LatencySample, 'latencySeconds' | 'aheadSeconds'>

/** Lives through `seconds` of the same moment, a tick at a time. */
function live(target = firstTarget(LEAST, 0), seconds: number, moment: (at: number) => Moment) {
  let now = target
  for (let at = target.at + TICK_MS; at <= target.at + seconds * 1_000; at += TICK_MS) {
    now = evolveTarget(now, { at, leastSeconds: LEAST, ...moment(at) })
  }
  return now
}
const calm = () => ({ latencySeconds: 1.3, aheadSeconds: 1 })

describe('the target latency', () => {
  test('is the nearest that the playlist allows while the network is calm', () => {
    expect(live(undefined, 60, calm).seconds).toBe(LEAST)
  })
  test('grows at once to what late data needs, before the picture stands', () => {
    const shaken = live(undefined, 1, () => ({ latencySeconds: 2.4, aheadSeconds: 0.1 }))
    expect(shaken.seconds).toBeCloseTo(2.65)
  })
  test('comes back within 60 s of calm from the longest', () => {
    const bad = live(undefined, 20, () => ({ latencySeconds: 30, aheadSeconds: 0 }))
    expect(bad.seconds).toBe(LONGEST_TARGET_SECONDS)
    const later = live(bad, 45, calm)
    expect(later.seconds).toBeGreaterThan(LEAST)
    expect(live(later, 15, calm).seconds).toBe(LEAST)
  })
  test('never asks for more than the longest, however bad the network is', () => {
    expect(live(undefined, 60, () => ({ latencySeconds: 40, aheadSeconds: 0 })).seconds).toBe(8)
  })
})
