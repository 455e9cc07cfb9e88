import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { type Failure, fail } from '../people/failures'

const WINDOW_SECONDS = 60

/** Joins by code, and wrong codes, a minute from one address: over all processes. */
export type JoinLimit = {
  /** Counts one; null: go on. */
  take(address: string): Promise<Failure | null>
}

/** `perMinute` 0: no limit. Without Redis each process counts for itself. */
export function createJoinLimit(redis: Redis, perMinute: number): JoinLimit {
  if (perMinute === 0) return { take: async () => null }
  const window = { points: perMinute, duration: WINDOW_SECONDS }
  const limiter = new RateLimiterRedis({
    ...window,
    storeClient: redis,
    keyPrefix: 'amphi:joins',
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(window),
  })
  return {
    async take(address) {
      try {
        await limiter.consume(address)
        return null
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        return fail('too_many_joins', { retryAfterMs: refused.msBeforeNext })
      }
    },
  }
}
