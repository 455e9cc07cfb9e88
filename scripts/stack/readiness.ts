import Redis from 'ioredis'
import pg from 'pg'
import { askLoopback } from './loopback'

const PROBE_TIMEOUT_MS = 3_000

export async function answersHttp(url: string): Promise<boolean> {
  const { status } = await askLoopback(url, { timeoutMs: PROBE_TIMEOUT_MS })
  return status >= 200 && status < 300
}

/** False also while Redis still loads its append-only file. */
export async function answersPing(url: string): Promise<boolean> {
  return withRedis(url, async (redis) => (await redis.ping()) === 'PONG')
}

/** An egress worker is there when somebody listens for LiveKit's StartEgress. */
export async function hasEgressWorker(redisUrl: string): Promise<boolean> {
  return withRedis(redisUrl, async (redis) => {
    const channels = (await redis.call('PUBSUB', 'CHANNELS', '*StartEgress*')) as string[]
    return channels.length > 0
  })
}

export async function answersSql(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PROBE_TIMEOUT_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } finally {
    await client.end().catch(() => {})
  }
}

async function withRedis(url: string, ask: (redis: Redis) => Promise<boolean>): Promise<boolean> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: PROBE_TIMEOUT_MS,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await ask(redis)
  } finally {
    redis.disconnect()
  }
}
