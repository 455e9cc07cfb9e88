import { describe, expect, test } from 'vitest'
import { createRandom } from '../../scripts/demo/random'
import { createSimulatedViewer } from '../../tests/support/simulated-viewer'
import { createSteering } from './steering'

const OUTAGE = { from: 60_000, to: 65_000 }
/** A phone in a bus. */
const bus = { bitsPerSecond: 1_200_000, delayMs: 150, jitterMs: 80, loss: 0.02, outage: OUTAGE }
const PICTURE_BITS = 500_000
const TICK_MS = 250
const SETTLE_MS = 20_000
/** Held bytes and the first new segment. */
const AFTERMATH_MS = 2_000
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed + 1)

type Look = { at: number; targetSeconds: number; latencySeconds: number; standing: boolean }

/** A viewer with an outage in the middle, from when the player has settled. */
function watch(seed: number): Look[] {
  const viewer = createSimulatedViewer(bus, PICTURE_BITS, createRandom(seed).next)
  const steering = createSteering(viewer.video.element, viewer.engine, 0)
  const looks: Look[] = []
  for (let at = 0; at < OUTAGE.to + 60_000; ) {
    at = viewer.step()
    if (at % TICK_MS !== 0) continue
    const standing = viewer.standing()
    const steered = steering.steer({ at, standing, following: true })
    const latencySeconds = viewer.engine.latency()?.seconds ?? 0
    if (at > SETTLE_MS && steered) looks.push({ at, standing, latencySeconds, ...steered })
  }
  return looks
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

describe.each(SEEDS)('on a bus (seed %i)', (seed) => {
  const looks = watch(seed)
  const before = looks.filter(({ at }) => at < OUTAGE.from)
  const after = looks.filter(({ at }) => at > OUTAGE.to + AFTERMATH_MS)
  const normalSeconds = median(before.map(({ targetSeconds }) => targetSeconds))
  const backMs = (isBack: (look: Look) => boolean) =>
    (after.findLast((look) => !isBack(look))?.at ?? OUTAGE.to) - OUTAGE.to

  test('the picture stands for less than 1 % of the time without an outage', () => {
    const calm = [...before, ...after]
    expect(calm.filter(({ standing }) => standing).length / calm.length).toBeLessThan(0.01)
  })
  test('an outage of 5 s teaches nothing about the network: the target stays', () => {
    const most = Math.max(...after.map(({ targetSeconds }) => targetSeconds))
    expect(most).toBeLessThan(normalSeconds + 0.6)
  })
  test('what was missed is caught up within 45 s', () => {
    expect(backMs(({ latencySeconds }) => latencySeconds < normalSeconds + 0.8)).toBeLessThan(45_000)
  })
})
