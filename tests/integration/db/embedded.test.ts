import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '../../../scripts/stack/ports'
import type { Stack } from '../../../scripts/stack/stack'
import { waitUntil } from '../../../scripts/stack/wait-until'
import { startTestStack } from '../../support/stack'

const CONDITION_TIMEOUT_MS = 25_000
/** A fresh directory is made by initdb in WebAssembly: 5 s on an idle machine of two cores. */
const FIRST_START_TIMEOUT_MS = 90_000

let dataDir: string
let stack: Stack
let db: pg.Pool

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'amphi-embedded-'))
  await open()
}, FIRST_START_TIMEOUT_MS)
afterEach(() => db.query('drop table if exists facts'))
afterAll(async () => {
  await close()
  await rm(dataDir, { recursive: true, force: true })
})

async function open(env = {}): Promise<void> {
  stack = await startTestStack({ DATA_DIR: dataDir, ...env }, { only: ['database'] })
  db = new pg.Pool({ connectionString: stack.config.databaseUrl, max: 4 })
  db.on('error', () => {})
}

async function close(): Promise<void> {
  await db.end()
  await stack.stop()
}

test('several connections write in transactions that do not mix', async () => {
  await db.query('create table facts (writer int, number int)')
  const write = async (writer: number) => {
    const client = await db.connect()
    await client.query('begin')
    for (const number of [1, 2, 3]) await client.query('insert into facts values ($1, $2)', [writer, number])
    await client.query(writer % 2 === 0 ? 'commit' : 'rollback')
    client.release()
  }
  await Promise.all([0, 1, 2, 3].map(write))
  const { rows } = await db.query('select writer, count(*)::int from facts group by 1 order by 1')
  expect(rows).toEqual([
    { writer: 0, count: 3 },
    { writer: 2, count: 3 },
  ])
})

test('queries of other connections get their own rows while one is in a transaction', async () => {
  const transaction = await db.connect()
  let asking = true
  const besides = (async () => {
    while (asking) {
      await transaction.query('begin')
      await transaction.query('select $1::text as other', ['x'])
      await transaction.query('commit')
    }
  })()
  const ask = async (n: number) => (await db.query('select $1::int as n', [n])).rows
  const rounds = Array.from({ length: 30 }, (_, round) => round)
  for (const round of rounds) {
    const numbers = [0, 1, 2, 3, 4, 5].map((i) => round * 6 + i)
    expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((n) => [{ n }]))
  }
  asking = false
  await besides
  transaction.release()
})

test('a connection that is cut in the middle of a batch holds up nobody', async () => {
  const cut = await db.connect()
  cut.on('error', () => {})
  const broken = cut.query('select pg_sleep(0.05), $1::int', [1]).catch(() => 'cut')
  const { connection } = cut as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
  expect(await broken).toBe('cut')
  cut.release(true)
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'what was committed is there after %s in the middle of writing',
  async (signal) => {
    await db.query('create table facts (number int primary key)')
    let committed = 0
    const writing = (async () => {
      for (;;) {
        await db.query('insert into facts values ($1)', [committed + 1])
        committed++
      }
    })().catch(() => {})
    await waitUntil(async () => committed >= 100, CONDITION_TIMEOUT_MS)

    const { database } = stack.children
    const before = database?.pid
    database?.kill(signal)
    await writing
    await waitUntil(async () => database?.pid !== undefined && database.pid !== before, CONDITION_TIMEOUT_MS)
    await database?.waitUntilReady()

    const { rows } = await db.query('select count(*)::int as found, max(number) as newest from facts')
    expect(rows[0].found).toBe(rows[0].newest)
    expect(rows[0].found).toBeGreaterThanOrEqual(committed)
  },
)

test('it listens on a socket file that only its owner reaches, or, if asked, on PG_PORT', async () => {
  expect(stack.config.databaseUrl).toContain('host=%2F')
  expect(await readdir(join(dataDir, 'run'))).toEqual(['.s.PGSQL.5432'])
  await close()
  const port = await findFreePort()
  await open({ PG_PORT: String(port) })
  expect(stack.config.databaseUrl).toBe(`postgres://postgres@127.0.0.1:${port}/postgres`)
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
