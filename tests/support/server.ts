import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../server/compose'
import { type Environment, parseConfig, requireResolved } from '../../server/config'
import { createLogger } from '../../server/logger'
import { startPostgres } from './postgres'
import { startRedis, type TestRedis } from './redis'

export const ADMIN_KEY = 'the-admin-key-of-tests'
export const SECRET = 'a-secret-key-for-the-tests-of-the-server'

/** What a server needs around it, and the variables that say where it is. */
export type ServerEnvironment = {
  env: Environment
  redis: TestRedis
  databaseUrl: string
  /** What the stand-in for LiveKit and the origin was asked for. */
  upstream: { url: string; paths: string[] }
  stop(): Promise<void>
}

export type TestServer = ServerEnvironment & {
  /** `http://127.0.0.1:PORT` */
  url: string
}

/**
 * Real Redis and PostgreSQL. LiveKit and the origin are a stand-in that answers every path with 200: whoever needs
 * them says where they are.
 */
export async function createServerEnvironment(): Promise<ServerEnvironment> {
  const [redis, postgres, upstream] = await Promise.all([startRedis(), startPostgres(), startUpstream()])
  const dataDir = await mkdtemp(join(tmpdir(), 'amphi-server-'))
  const databaseUrl = await postgres.createDatabase()
  const env = {
    PORT: '0',
    ORIGIN_PORT: String(upstream.port),
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    LIVEKIT_URL: upstream.url,
    LIVEKIT_API_KEY: 'devkey',
    LIVEKIT_API_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
    SECRET_KEYS: SECRET,
    ADMIN_API_KEY: ADMIN_KEY,
    CREATE_CLASSES: 'anyone',
    JOIN_LIMIT_PER_IP: '0',
    LOG_LEVEL: 'silent',
    NODE_ENV: 'test',
  }
  return {
    env,
    redis,
    databaseUrl,
    upstream,
    async stop() {
      await Promise.all([redis.stop(), postgres.stop(), upstream.stop()])
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The composed server, in this process. */
export async function startServer(env: Environment = {}): Promise<TestServer> {
  const environment = await createServerEnvironment()
  const config = requireResolved(parseConfig({ ...environment.env, ...env }))
  const amphi = await compose(config, createLogger(config), { dev: false })
  const port = await amphi.listen()
  return {
    ...environment,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await amphi.close()
      await environment.stop()
    },
  }
}

async function startUpstream() {
  const paths: string[] = []
  const server = createServer((request, response) => {
    paths.push(request.url ?? '')
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ path: request.url }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    paths,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
