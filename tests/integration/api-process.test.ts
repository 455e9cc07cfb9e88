import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/stack/ports'
import { waitUntil } from '../../scripts/stack/wait-until'
import { createTestClass } from '../support/api'
import { ADMIN_KEY, createServerEnvironment, type ServerEnvironment } from '../support/server'

/** A busy machine compiles the sources for a long time; a quiet one is done in five seconds. */
const START_MS = 60_000
const PATIENCE_MS = 2 * START_MS

let environment: ServerEnvironment
beforeAll(async () => {
  environment = await createServerEnvironment()
})
afterAll(() => environment.stop())

function startProcess(env: Record<string, string | undefined>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/index.ts'], {
    env: { ...process.env, ...environment.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { child, exited: once(child, 'close') as Promise<[number | null]>, output: () => output }
}

test('a process that is told to end writes out what it knows, and ends well', {
  timeout: PATIENCE_MS,
}, async () => {
  const port = String(await findFreePort())
  const url = `http://127.0.0.1:${port}`
  const { child, exited, output } = startProcess({ PORT: port, LOG_LEVEL: 'debug' })
  const isReady = async () => (await fetch(`${url}/readyz`)).ok
  expect(await waitUntil(isReady, START_MS), output()).toBe(true)
  const aClass = await createTestClass({ url })
  await fetch(`${url}/hls/a-token-of-somebody/cls_1/index.m3u8`)
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  const db = new pg.Client({ connectionString: environment.databaseUrl })
  await db.connect()
  const { rows } = await db.query('select type from class_facts where class_id = $1', [aClass.id])
  await db.end()
  expect(rows).toEqual([{ type: 'class.created' }])
  expect(output()).toContain('/hls/***/cls_1/index.m3u8')
  for (const secret of ['a-token-of-somebody', ADMIN_KEY]) expect(output()).not.toContain(secret)
})

test('a process without what it needs says which variables, and what is allowed', {
  timeout: PATIENCE_MS,
}, async () => {
  const { exited, output } = startProcess({ SECRET_KEYS: '', CREATE_CLASSES: 'everybody' })
  expect(await exited).toEqual([1, null])
  expect(output()).toContain('CREATE_CLASSES: given "everybody"; allowed: "local", "key", "anyone"')
})
