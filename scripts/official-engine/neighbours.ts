import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../../server/config'
import type { EngineNeighbours } from './configuration'

/** What a start writes for its private LiveKit, as far as it concerns the engine. */
const privateLivekit = z.object({
  port: z.number(),
  redis: z.object({ address: z.string(), password: z.string().optional() }),
  keys: z.record(z.string(), z.string()),
})

/** The Redis and the LiveKit of this environment, or those that the Amphi of this DATA_DIR has started itself. */
export async function requireNeighbours(config: Config): Promise<EngineNeighbours> {
  const { url, apiKey, apiSecret } = config.livekit
  if (config.redisUrl && url && apiKey && apiSecret) {
    return { redisUrl: config.redisUrl, livekit: { url, apiKey, apiSecret } }
  }
  const path = join(config.dataDir, 'livekit.yaml')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(`There is no ${path}, nor are REDIS_URL and LIVEKIT_... given: start Amphi first`)
  })
  // JSON is YAML, and this one is JSON.
  const { port, redis, keys } = privateLivekit.parse(JSON.parse(text))
  const [[key, secret] = ['', '']] = Object.entries(keys)
  const password = redis.password ? `:${encodeURIComponent(redis.password)}@` : ''
  return {
    redisUrl: `redis://${password}${redis.address}`,
    livekit: { url: `ws://127.0.0.1:${port}`, apiKey: key, apiSecret: secret },
  }
}
