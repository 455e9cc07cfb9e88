import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Part, Plan } from './part'
import { answersPing } from './readiness'

export const toRedisUrl = (port: number, password: string): string => `redis://:${password}@127.0.0.1:${port}`

/**
 * The private redis-server. The log of a class lives here until the scribe has it in Postgres, so every second goes
 * to disk and nothing is ever evicted. The password is in a file, as arguments are visible to other users.
 */
export async function createRedis({ config, env, ports, secrets }: Plan): Promise<Part> {
  const dir = join(config.dataDir, 'redis')
  const path = join(dir, 'redis.conf')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const lines = [
    'bind 127.0.0.1',
    `port ${ports.REDIS_PORT}`,
    `requirepass ${secrets.redisPassword}`,
    `dir "${dir}"`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
  ]
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  const url = toRedisUrl(ports.REDIS_PORT, secrets.redisPassword)
  return { name: 'redis', command: 'redis-server', args: [path], env, isReady: () => answersPing(url) }
}
