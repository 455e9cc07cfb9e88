import { expect, test } from 'vitest'
import { runModel } from './run'

/** Of each seed and number of processes: under a minute in all; `npm run bench -- model` goes on for as long as one likes. */
const LIMIT_MS = 8_000
/** A run that is under way at the limit is played to its end, and a failure is shrunk no longer. */
const TIMEOUT_MS = 150_000
const FIXED_SEED = 20_261_123

const given = process.env.MODEL_SEED
const random = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
const path = process.env.MODEL_PATH

for (const processes of [1, 2]) {
  test(`whatever happens to people, servers and Redis, a class on ${processes} processes is one history (seeds ${FIXED_SEED}, ${random})`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    const seeds = given === undefined ? [FIXED_SEED, random] : [random]
    for (const seed of seeds) {
      const run = { processes, seed, classes: 2, steps: 12, limitMs: LIMIT_MS, ...(path && { path }) }
      const { failure, steps } = await runModel(run)
      expect(failure).toBeNull()
      expect(steps).toBeGreaterThan(0)
    }
  })
}
