import { Redis } from 'ioredis'
import type { Logger } from '../logger'

/** A command that Redis does not answer in this time counts as lost: what became of it is found out by reading. */
const COMMAND_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 2_000
/** Between tries to connect: a restarted Redis is seen within a quarter of a second by every process. */
const RETRY_MS = 200
const RETRY_JITTER_MS = 50

/**
 * A connection that fails fast: nothing waits in a queue while Redis is away, and nothing is sent twice by itself,
 * because an append whose answer was lost may have happened.
 */
export function connectRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // The bus does it: ioredis leaves the rejection unhandled when the connection breaks again meanwhile.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RETRY_MS + Math.random() * RETRY_JITTER_MS,
  })
  let last = ''
  redis.on('error', (error: Error) => {
    if (error.message === last) return // once per kind, not once per try
    last = error.message
    logger.warn({ err: error }, 'Redis is away')
  })
  redis.on('ready', () => {
    if (last) logger.info({}, 'Redis is back')
    last = ''
  })
  return redis
}

/** Resolves to false when Redis is not there in time. */
export function untilReady(redis: Redis, timeoutMs: number): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true)
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer)
      redis.off('ready', onReady)
      resolve(ready)
    }
    const onReady = () => settle(true)
    const timer = setTimeout(() => settle(false), timeoutMs)
    redis.on('ready', onReady)
  })
}
