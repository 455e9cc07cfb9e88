import { describe, expect, test } from 'vitest'
import { createRandom } from '../../scripts/demo/random'
import { createSimulatedViewer, type SimulatedLink } from '../../tests/support/simulated-viewer'
import { createSteering } from './steering'

const OUTAGE = { from: 60_000, to: 65_000 }
/** A phone in a bus. */
const bus = { bitsPerSecond: 1_200_000, delayMs: 150, jitterMs: 80, loss: 0.02, outages: [OUTAGE] }
const PICTURE_BITS = 500_000
const TICK_MS = 250
const SETTLE_MS = 20_000
/** Held bytes and the first new segment. */
const AFTERMATH_MS = 2_000
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed + 1)

/** At home, with a broadcast that is started anew again and again. */
const RESTART = { everyMs: 15_000, forMs: 1_700 }
const RESTARTS = 10
const home = {
  bitsPerSecond: 20_000_000,
  delayMs: 20,
  jitterMs: 5,
  loss: 0,
  outages: Array.from({ length: RESTARTS }, (_, index) => {
    const from = (index + 2) * RESTART.everyMs
    return { from, to: from + RESTART.forMs }
  }),
}
/** The first new parts, and a look. */
const RESUME_MS = 750

type Look = { at: number; targetSeconds: number; latencySeconds: number; standing: boolean }

/** A viewer, from when the player has settled. */
function watch(seed: number, link: SimulatedLink, untilMs: number): Look[] {
  const viewer = createSimulatedViewer(link, PICTURE_BITS, createRandom(seed).next)
  const steering = createSteering(viewer.video.element, viewer.engine, 0)
  const looks: Look[] = []
  for (let at = 0; at < untilMs; ) {
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
  const looks = watch(seed, bus, OUTAGE.to + 60_000)
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

test.each(SEEDS)('after the tenth restart the picture moves as soon as after the first (seed %i)', (seed) => {
  const looks = watch(seed, home, (RESTARTS + 2) * RESTART.everyMs)
  for (const { to } of home.outages) {
    const stands = looks.filter(({ at, standing }) => standing && at > to && at < to + RESTART.everyMs / 2)
    expect(stands.filter(({ at }) => at > to + RESUME_MS)).toEqual([])
  }
})
