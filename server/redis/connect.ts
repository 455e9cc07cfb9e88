import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Logger } from '../logger'

/** A command that Redis does not answer in this time counts as lost: what became of it is found out by reading. */
const COMMAND_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 2_000
/** Between tries to connect: a restarted Redis is seen within a quarter of a second by every process. */
const RETRY_MS = 200
const RETRY_JITTER_MS = 50
/** A slot is moved once in a while, and then it is known where to. */
const MAX_REDIRECTIONS = 4

const retryMs = () => RETRY_MS + Math.random() * RETRY_JITTER_MS

/** A connection that fails fast: nothing waits in a queue while Redis is away. */
const options: RedisOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: COMMAND_TIMEOUT_MS,
  enableOfflineQueue: false,
  // Nothing is sent twice by itself, because an append whose answer was lost may have happened.
  autoResendUnfulfilledCommands: false,
  // The bus does it: ioredis leaves the rejection unhandled when the connection breaks again meanwhile.
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: retryMs,
}

/**
 * One server, or with `?cluster=true` a Redis Cluster of which the URL names any node. What is asked of either is the
 * same: all keys of a command carry one hash tag, and channels go by `bus.ts` and `publish.ts`.
 */
export function connectRedis(url: string, logger: Logger): Redis {
  const redis = isClusterUrl(url) ? connectCluster(url) : new Redis(url, options)
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

function isClusterUrl(url: string): boolean {
  return new URL(url).searchParams.get('cluster') === 'true'
}

/** Both clients have the same commands and events; only their private fields keep the types apart. */
function connectCluster(url: string): Redis {
  const { hostname, port, username, password, protocol } = new URL(url)
  const cluster = new Cluster([{ host: hostname, port: Number(port || 6379) }], {
    enableOfflineQueue: false,
    clusterRetryStrategy: retryMs,
    maxRedirections: MAX_REDIRECTIONS,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    shardedSubscribers: true,
    redisOptions: {
      ...options,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  })
  return cluster as unknown as Redis
}

export function isCluster(redis: Redis): boolean {
  return redis instanceof Cluster
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
