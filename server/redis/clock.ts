import type { Redis } from 'ioredis'
import { clockKey } from './names'

/** Clocks drift by about 50 ppm: half a millisecond in ten seconds. */
const MEASURE_MS = 10_000
/** Of several measurements the one with the shortest way there and back is the truest. */
const SAMPLES = 5

/** By a key: of a cluster's nodes, every process asks the same one. */
async function askTime(redis: Redis): Promise<[string, string]> {
  return (await redis.eval("return redis.call('TIME')", 1, clockKey)) as [string, string]
}

export interface Clock {
  /** Server time, ms: that of Redis, so that all processes agree. */
  now(): number
  readonly offsetMs: number
  /** Throws while Redis is away: the last offset stays. */
  measure(): Promise<void>
  stop(): void
}

/** Measures now and then from now on; before the first time, see `measure`, it goes as the machine's own. */
export function createClock(redis: Redis): Clock {
  let offsetMs = 0
  const timer = setInterval(() => void clock.measure().catch(() => {}), MEASURE_MS)
  timer.unref()
  const clock: Clock = {
    now: () => Math.round(Date.now() + offsetMs),
    get offsetMs() {
      return offsetMs
    },
    async measure() {
      let best = Number.POSITIVE_INFINITY
      for (let i = 0; i < SAMPLES; i++) {
        const [sentMs, sent] = [Date.now(), performance.now()]
        const [seconds, microseconds] = await askTime(redis)
        const roundTripMs = performance.now() - sent
        if (roundTripMs >= best) continue
        best = roundTripMs
        offsetMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - (sentMs + roundTripMs / 2)
      }
    },
    stop: () => clearInterval(timer),
  }
  return clock
}
