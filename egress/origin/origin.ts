import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { createRevocations } from '../../server/people/revocations'
import type { Tokens } from '../../server/people/tokens'
import { connectRedis, untilReady } from '../../server/redis/connect'
import type { Archive } from './archive'
import { createBroadcasts } from './broadcasts'
import { createByteCache } from './byte-cache'
import { createDiskKeeper } from './disk-keeper'
import { createGate } from './gate'
import { HELD_IN_ALL, HELD_PER_CLASS, HELD_PER_TOKEN, SENDING_PER_TOKEN, STUCK_MS } from './limits'
import { createMetrics } from './metrics'
import type { PartSource } from './part-source'
import { createRequestHandler, type RequestDependencies } from './requests'
import { createTokenCount } from './token-count'
import { createViewer } from './viewing'

export type OriginOptions = {
  redisUrl: string
  source: PartSource
  tokens: Tokens
  logger: Logger
  /** 0: any free one. */
  port: number
  /** Server time, ms. */
  now: () => number
  /** What else is served here; given the connection to Redis. */
  elsewhere?: (redis: Redis) => NonNullable<RequestDependencies['findElsewhere']>
  /** What keeps the disk below a quota; absent: nobody does. */
  disk?: { archive: Archive; quotaBytes: number; lookMs?: number }
  holdMs?: number
  heldPerClass?: number
  slowestMs?: number
  idleMs?: number
}

export type Origin = { port: number; close(): Promise<void> }

/** Above the 60 s for which nginx keeps its connections: the side that sends requests shall be the one to close. */
const KEEP_ALIVE_MS = 75_000
/** A Redis that starts at the same time is there by then; a later one is noticed when it comes. */
const START_PATIENCE_MS = 5000
/** Beyond this, Redis counts as down. */
const PING_TIMEOUT_MS = 1000

/** The origin: playlists, parts and segments of all broadcasts whose plans are in this Redis. Listens when it returns. */
export async function createOrigin(options: OriginOptions): Promise<Origin> {
  const { source, tokens, logger, now } = options
  const redis = connectRedis(options.redisUrl, logger)
  const subscriber = connectRedis(options.redisUrl, logger)
  for (const connection of [redis, subscriber]) await untilReady(connection, START_PATIENCE_MS)
  const metrics = createMetrics()
  const broadcasts = createBroadcasts({
    redis,
    subscriber,
    source,
    metrics,
    logger,
    now,
    idleMs: options.idleMs,
  })
  const gate = createGate(tokens, createRevocations(redis), now, (fault) =>
    logger.warn({ err: fault }, 'revocations are unknown'),
  )
  const held = createTokenCount(
    { viewer: HELD_PER_TOKEN, class: options.heldPerClass ?? HELD_PER_CLASS },
    HELD_IN_ALL,
  )
  const sending = createTokenCount({ viewer: SENDING_PER_TOKEN, class: Number.POSITIVE_INFINITY })
  metrics.held = held.total
  const cache = createByteCache()
  metrics.cachedBytes = cache.size
  const viewer = createViewer(source, cache, held, sending, metrics, logger, options)

  async function findDown(): Promise<string[]> {
    const checks = { redis: () => withTimeout(redis.ping()), broadcast_dir: () => source.check() }
    const down = Object.entries(checks).map(async ([name, check]) => {
      try {
        await check()
        return []
      } catch {
        return [name]
      }
    })
    return (await Promise.all(down)).flat()
  }

  const handle = createRequestHandler({
    broadcasts,
    gate,
    viewer,
    metrics,
    logger,
    findElsewhere: options.elsewhere?.(redis),
    now,
    findDown,
  })
  const server = createServer(handle)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.timeout = STUCK_MS
  // One for each request that waits on it, and those may queue behind each other.
  server.on('connection', (socket) => socket.setMaxListeners(0))
  await broadcasts.start()
  const onRemoved = broadcasts.forget
  const keeper = options.disk && createDiskKeeper({ ...options.disk, redis, metrics, logger, now, onRemoved })
  server.listen(options.port)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await keeper?.close()
      await broadcasts.close()
      server.closeIdleConnections()
      // What was held has just been answered; a viewer who does not read it is not waited for.
      setImmediate(() => server.closeAllConnections())
      await closed
      redis.disconnect()
      subscriber.disconnect()
    },
  }
}

async function withTimeout<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PING_TIMEOUT_MS} ms`)), PING_TIMEOUT_MS)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
