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
  for (const url of await nodesOf(redisUrl)) {
    const listened = await withRedis(url, (redis) => redis.call('PUBSUB', 'CHANNELS', '*StartEgress*'))
    if ((listened as string[]).length > 0) return true
  }
  return false
}

/** The nodes of a cluster know their own listeners only. */
async function nodesOf(redisUrl: string): Promise<string[]> {
  const url = new URL(redisUrl)
  if (url.searchParams.get('cluster') !== 'true') return [redisUrl]
  url.search = ''
  const slots = await withRedis(url.href, (redis) => redis.call('CLUSTER', 'SLOTS'))
  return (slots as [number, number, [string, number]][]).map(([, , [host, port]]) => {
    const node = new URL(url)
    node.hostname = host || url.hostname
    node.port = String(port)
    return node.href
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

async function withRedis<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
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
