import type { Redis } from 'ioredis'

/** Longer than a pause of a busy machine; what a dead maker's class waits at most. */
const LOCK_MS = 30_000
const RENEW_MS = 10_000

/** ARGV: holder, ms. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`

/**
 * Runs `work` if nobody else does it under this key; false: somebody does. The signal aborts when the lock is lost,
 * so that two never write the same file for longer than it takes to notice.
 */
export async function withLock(
  redis: Redis,
  key: string,
  holder: string,
  work: (signal: AbortSignal) => Promise<void>,
  stop: AbortSignal,
): Promise<boolean> {
  if ((await redis.set(key, holder, 'PX', LOCK_MS, 'NX')) !== 'OK') return false
  const lost = new AbortController()
  let renewedAt = performance.now()
  const timer = setInterval(() => {
    redis.eval(RENEW, 1, key, holder, LOCK_MS).then(
      (held) => {
        if (held === 1) renewedAt = performance.now()
        else lost.abort(new Error('another process has taken the work over'))
      },
      () => {
        if (performance.now() - renewedAt > LOCK_MS) lost.abort(new Error('Redis is away'))
      },
    )
  }, RENEW_MS)
  try {
    await work(AbortSignal.any([lost.signal, stop]))
    return true
  } finally {
    clearInterval(timer)
    await redis.eval(RELEASE, 1, key, holder).catch(() => {})
  }
}
