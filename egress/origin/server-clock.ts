import type { Redis } from 'ioredis'

export type ServerClock = { now(): number; stop(): void }

/** Clocks of machines drift by a few ms a minute: measuring this often keeps the error below one. */
const MEASURE_MS = 10_000

/** Server time is Redis' TIME. Until the first measurement, and while Redis is away, the last offset holds. */
export async function createServerClock(redis: Redis, localNow: () => number): Promise<ServerClock> {
  let offsetMs = 0
  async function measure() {
    const sentAt = localNow()
    const [seconds, microseconds] = await redis.time()
    const middle = (sentAt + localNow()) / 2
    offsetMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - middle
  }
  await measure()
  const timer = setInterval(() => void measure().catch(() => {}), MEASURE_MS)
  return { now: () => Math.round(localNow() + offsetMs), stop: () => clearInterval(timer) }
}
