import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../../scripts/stack/paths'
import { runToEnd } from '../../support/processes'

const TEST_MS = 60_000
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'amphi-engine-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

function run(args: string[], env: Record<string, string> = {}) {
  const { PATH, NODE_ENV } = process.env
  const given = { PATH, NODE_ENV, DATA_DIR: dataDir, ...env }
  const tool = ['--import', 'tsx', join(ROOT, 'scripts/amphi.ts'), 'official-engine', ...args]
  return runToEnd(process.execPath, tool, given)
}

const started = () =>
  writeFile(
    join(dataDir, 'livekit.yaml'),
    JSON.stringify({
      port: 7880,
      redis: { address: '127.0.0.1:6400', password: 'a&b/c' },
      keys: { APIkey: 'its-secret' },
      webhook: {},
    }),
  )

test(
  'the official engine is configured for the LiveKit and the Redis that this Amphi has started',
  async () => {
    await started()
    const { code, output } = await run(['--config'])
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject({
      api_key: 'APIkey',
      api_secret: 'its-secret',
      ws_url: 'ws://127.0.0.1:7880',
      redis: { address: '127.0.0.1:6400', password: 'a&b/c' },
    })
  },
  TEST_MS,
)

test(
  'the official engine is configured for those of the environment, where they are given',
  async () => {
    const { output } = await run(['--config'], {
      REDIS_URL: 'rediss://user:word@redis.example.org/3',
      LIVEKIT_URL: 'wss://livekit.example.org',
      LIVEKIT_API_KEY: 'APIother',
      LIVEKIT_API_SECRET: 'another-secret-of-at-least-32-characters',
    })
    expect(JSON.parse(output)).toMatchObject({
      api_key: 'APIother',
      ws_url: 'wss://livekit.example.org',
      redis: {
        address: 'redis.example.org:6379',
        username: 'user',
        password: 'word',
        db: 3,
        tls: { enabled: true },
      },
    })
  },
  TEST_MS,
)

test(
  'whoever has not started Amphi, or not installed the engine, is told so',
  async () => {
    expect(await run([])).toMatchObject({ code: 1, output: expect.stringContaining('start Amphi first') })
    await started()
    const without = await run([], { PATH: '/nowhere' })
    expect(without).toMatchObject({ code: 1, output: expect.stringContaining('Not on the PATH: egress') })
  },
  TEST_MS,
)
