import { isIPv6 } from 'node:net'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { type Failure, fail } from '../people/failures'
import { joinsPrefix } from '../redis/names'

const WINDOW_SECONDS = 60

/** Addresses that try codes past the limit, at once; beyond, the oldest may try again. */
const BARRED_LIMIT = 10_000

/** Joins by code, and wrong codes, a minute from one address: over all processes. */
export type JoinLimit = {
  /** Counts one; null: go on. */
  take(address: string): Promise<Failure | null>
  /** Counts a wrong code. Past the limit, the address is barred for the rest of the minute. */
  miss(address: string): Promise<Failure | null>
  /** To be asked before a code is looked up, or a right one would be told from wrong ones however many are tried. */
  barred(address: string): Failure | null
}

/** `perMinute` 0: no limit. Without Redis each process counts for itself. */
export function createJoinLimit(redis: Redis, perMinute: number): JoinLimit {
  if (perMinute === 0) return { take: async () => null, miss: async () => null, barred: () => null }
  const window = { points: perMinute, duration: WINDOW_SECONDS }
  const limiter = new RateLimiterRedis({
    ...window,
    storeClient: redis,
    keyPrefix: joinsPrefix,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(window),
  })
  const barredUntil = new Map<string, number>()

  async function take(network: string): Promise<{ retryAfterMs: number } | null> {
    try {
      await limiter.consume(network)
      return null
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      return { retryAfterMs: refused.msBeforeNext }
    }
  }

  return {
    async take(address) {
      const over = await take(toNetwork(address))
      return over && fail('too_many_joins', over)
    },
    async miss(address) {
      const network = toNetwork(address)
      const over = await take(network)
      if (!over) return null
      barredUntil.delete(network)
      barredUntil.set(network, performance.now() + over.retryAfterMs)
      const [oldest] = barredUntil.keys()
      if (barredUntil.size > BARRED_LIMIT && oldest !== undefined) barredUntil.delete(oldest)
      return fail('too_many_joins', over)
    },
    barred(address) {
      const network = toNetwork(address)
      const retryAfterMs = Math.ceil((barredUntil.get(network) ?? 0) - performance.now())
      if (retryAfterMs > 0) return fail('too_many_joins', { retryAfterMs })
      barredUntil.delete(network)
      return null
    },
  }
}

/** Whoever has one IPv6 address has the 2^64 of its network: those count as one. */
export function toNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped || !isIPv6(address)) return mapped ?? address
  const [before = [], after = []] = address.split('::').map((side) => side.split(':').filter(Boolean))
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
