import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Redis from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import type { PartName, Stack } from '../../../scripts/stack/stack'
import { waitUntil } from '../../../scripts/stack/wait-until'
import { isRunning } from '../../support/processes'
import { startTestStack } from '../../support/stack'

const CONDITION_TIMEOUT_MS = 20_000
/** A fresh database is made by initdb in WebAssembly: 5 s on an idle machine of two cores. */
const FIRST_START_TIMEOUT_MS = 120_000
const only: PartName[] = ['redis', 'database']

let stack: Stack | undefined
afterEach(async () => {
  await stack?.stop()
  stack = undefined
})

const pidsOf = ({ children }: Stack) => Object.values(children).map((child) => child.pid ?? 0)

test('secrets are made once, for their owner only', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'amphi-secrets-'))
  const path = join(dataDir, 'secrets.json')
  const first = await startTestStack({ DATA_DIR: dataDir }, { only: ['redis'] })
  const made = await readFile(path, 'utf8')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(first.secretsMade).toBe(true)
  await first.stop()

  const second = await startTestStack({ DATA_DIR: dataDir }, { only: ['redis'] })
  expect(await readFile(path, 'utf8')).toBe(made)
  expect(second.secretsMade).toBe(false)
  expect(second.config.adminApiKey).toBe(first.config.adminApiKey)
  await second.stop()
  await rm(dataDir, { recursive: true })
})

test('a child that is killed is started again and has its data', async () => {
  const reports: string[] = []
  stack = await startTestStack({}, { only: ['redis'], report: (line) => reports.push(line) })
  const { redis } = stack.children
  const client = new Redis(stack.config.redisUrl, { maxRetriesPerRequest: null })
  client.on('error', () => {})
  await client.set('kept', 'yes')
  await client.call('WAITAOF', 1, 0, 0).catch(() => client.call('BGREWRITEAOF'))
  const before = redis?.pid

  redis?.kill('SIGTERM')
  await waitUntil(async () => redis?.pid !== undefined && redis.pid !== before, CONDITION_TIMEOUT_MS)
  await redis?.waitUntilReady()

  expect(redis?.restarts).toBe(1)
  expect(await client.get('kept')).toBe('yes')
  expect(reports.join('\n')).toMatch(/redis ended .* starting it again in 0.5 s/)
  client.disconnect()
})

test(
  'stop leaves no process behind and the same directory can be started again',
  async () => {
    stack = await startTestStack({}, { only })
    const pids = pidsOf(stack)
    expect(pids.every(isRunning)).toBe(true)
    await stack.stop()
    stack = undefined
    expect(pids.filter(isRunning)).toEqual([])
  },
  FIRST_START_TIMEOUT_MS,
)

test('a second Amphi in the same DATA_DIR is refused', async () => {
  stack = await startTestStack({}, { only: ['redis'] })
  const again = startTestStack({ DATA_DIR: stack.config.dataDir }, { only: ['redis'] })
  await expect(again).rejects.toThrow(/Another Amphi \(process \d+\) is using DATA_DIR/)
})

test('a part that cannot be started ends the start with its last log lines, and the others', async () => {
  const failing = startTestStack({ PATH: '/nowhere' }, { only: ['redis'] })
  await expect(failing).rejects.toThrow(/redis could not be started/)
})

test(
  'when the supervisor is killed its children go too',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amphi-orphans-'))
    const script = join(import.meta.dirname, 'supervisor.ts')
    const supervisor = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: supervisor.stdout }), 'line')
    const pids: number[] = JSON.parse(line)
    expect(pids.every(isRunning)).toBe(true)
    supervisor.kill('SIGKILL')
    expect(await waitUntil(async () => !pids.some(isRunning), CONDITION_TIMEOUT_MS)).toBe(true)

    const next = await startTestStack({ DATA_DIR: dataDir }, { only })
    await next.stop()
    await rm(dataDir, { recursive: true })
  },
  FIRST_START_TIMEOUT_MS,
)
