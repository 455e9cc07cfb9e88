import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertApiKey, revokeApiKey } from '../../../db/api-keys'
import { findClass, insertClass } from '../../../db/classes'
import { createDirectory } from '../../../db/directory'
import { serveEmbedded } from '../../../db/embedded'
import { createFactArchive } from '../../../db/facts'
import { migrate } from '../../../db/migrate'
import { insertOrganization } from '../../../db/organizations'
import { createPool, type Db, transact } from '../../../db/pool'
import { listRequests } from '../../../db/requests'
import { findFreePort } from '../../../scripts/stack/ports'
import type { Fact } from '../../../server/classroom/facts'
import type { ClassState } from '../../../server/classroom/state'
import { newId } from '../../../server/ids'
import type { ArchiveBatch } from '../../../server/log/class-logs'
import { eventually } from '../../support/eventually'
import { startPostgres } from '../../support/postgres'
import { Rehearsal } from '../../support/rehearsal'

type Database = { url: string; stop(): Promise<void> }

/** A fresh embedded database is made by initdb in WebAssembly: 5 s on an idle machine of two cores. */
const FIRST_START_TIMEOUT_MS = 120_000

async function startServer(): Promise<Database> {
  const cluster = await startPostgres()
  return { url: await cluster.createDatabase(), stop: cluster.stop }
}

async function startEmbedded(): Promise<Database> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-pglite-'))
  const port = await findFreePort()
  const embedded = await serveEmbedded(dir, { port })
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await embedded.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A class with history: what the leader would have handed to the scribe. */
function rehearse(classId: string, play: (class_: Rehearsal) => void) {
  const class_ = new Rehearsal({ seats: 1 })
  play(class_)
  const state: ClassState = { ...class_.state, classId, orgId: 'org_default', code: classId }
  return {
    state,
    facts: class_.steps.flatMap((step): Fact[] => step.facts),
    at: (ms: number) => class_.now + ms,
  }
}

function toBatch(classId: string, state: ClassState, facts: Fact[], afterSeq = 0): ArchiveBatch {
  const nonce = (seq: number) => (seq === 0 ? '' : `n${seq}`)
  const seq = facts.at(-1)?.seq ?? 0
  return {
    classId,
    after: { epoch: 1, seq: afterSeq, nonce: nonce(afterSeq) },
    head: { epoch: 1, seq, nonce: nonce(seq) },
    facts,
    tables: { from: null, to: state },
  }
}

describe.each([
  ['PostgreSQL', startServer],
  ['the embedded database', startEmbedded],
])('on %s', (_name, start) => {
  let database: Database
  let db: Db
  beforeAll(async () => {
    database = await start()
    db = createPool(database.url, () => {})
  }, FIRST_START_TIMEOUT_MS)
  afterAll(async () => {
    await db.end()
    await database.stop()
  })

  test('two processes that start at once migrate once', async () => {
    const other = createPool(database.url, () => {})
    const ran = await Promise.all([migrate(db), migrate(other)])
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
    expect(await migrate(other)).toEqual([])
    await other.end()
    const { rows } = await db.query("select name from organizations where org_id = 'org_default'")
    expect(rows).toHaveLength(1)
  })

  test('a transaction that fails leaves nothing, and its connection is good again', async () => {
    const failing = transact(db, async (transaction) => {
      await insertOrganization(transaction, { orgId: 'org_half', name: 'Half' })
      throw new Error('in the middle')
    })
    await expect(failing).rejects.toThrow('in the middle')
    const { rows } = await db.query("select 1 from organizations where org_id = 'org_half'")
    expect(rows).toEqual([])
  })

  test('a code belongs to one class; classes are found by code, by id, and listed by organization', async () => {
    const orgId = newId('org')
    await insertOrganization(db, { orgId, name: 'A school' })
    const row = (classId: string, code: string) => ({
      classId,
      orgId,
      code,
      title: 'T',
      now: 1_700_000_000_123,
    })
    expect(await insertClass(db, row('cls_1', 'code-1'))).toBe(true)
    expect(await insertClass(db, row('cls_2', 'code-1'))).toBe(false)
    expect(await insertClass(db, row('cls_2', 'code-2'))).toBe(true)
    const found = await findClass(db, 'cls_2')
    expect(found).toMatchObject({ orgId, code: 'code-2', phase: 'draft', startedAt: null })
    expect(found?.createdAt.getTime()).toBe(1_700_000_000_123)
    const directory = createDirectory(db)
    expect(await directory.findClassByCode('code-2')).toBe('cls_2')
    expect(await directory.findClassByCode('code-9')).toBeNull()
  })

  test('of many who claim an external id at once, all get the same person', async () => {
    const directory = createDirectory(db)
    const classId = newId('cls')
    await directory.addClass({ classId, orgId: 'org_default', code: classId, title: 'T', now: 1 })
    const claimed = await Promise.all(
      Array.from({ length: 20 }, (_, i) => directory.claimExternalId(classId, 'school-7', `per_${i}`)),
    )
    expect(new Set(claimed).size).toBe(1)
    expect(await directory.claimExternalId(classId, 'school-8', 'per_other')).toBe('per_other')
  })

  test('an API key is found by its hash until it is revoked', async () => {
    const keyHash = createHash('sha256').update('secret').digest()
    await insertApiKey(db, { keyId: 'key_1', orgId: 'org_default', name: 'Timetable', keyHash })
    const directory = createDirectory(db)
    expect(await directory.findApiKey(keyHash)).toEqual({ orgId: 'org_default' })
    await revokeApiKey(db, 'key_1')
    expect(await directory.findApiKey(keyHash)).toBeNull()
  })

  test('a batch is archived once, and only where the archive stands', async () => {
    const archive = createFactArchive(db)
    const classId = newId('cls')
    const { state, facts } = rehearse(classId, (class_) => {
      class_.enter('t', 'teacher')
      class_.as('t', { name: 'class:start' })
    })
    const first = toBatch(classId, state, facts.slice(0, 2))
    expect(await archive.findPosition(classId)).toBeNull()
    expect(await Promise.all([archive.appendFacts(first), archive.appendFacts(first)])).toContain(false)
    expect(await archive.findPosition(classId)).toEqual(first.head)
    const second = toBatch(classId, state, facts.slice(2), 2)
    expect(await archive.appendFacts({ ...second, after: { ...second.after, nonce: 'foreign' } })).toBe(false)
    expect(await archive.appendFacts(second)).toBe(true)
    expect(await archive.appendFacts(second)).toBe(false)
    expect(await archive.loadFacts(classId, 1, 0, 10)).toEqual(facts)
    expect(await archive.loadFacts(classId, 1, 2, 1)).toEqual(facts.slice(2, 3))
  })

  test('checkpoints come back as they were; the newest of a version counts, beginnings of epochs are kept', async () => {
    const archive = createFactArchive(db)
    const classId = newId('cls')
    const { state, facts } = rehearse(classId, (class_) => class_.enter('t', 'teacher'))
    await archive.appendFacts(toBatch(classId, state, facts))
    const at = (seq: number) => ({
      version: 1,
      head: { epoch: 1, seq, nonce: `n${seq}` },
      state: { ...state, seq },
    })
    for (const seq of [3, 4, 5, 6]) await archive.saveCheckpoint(classId, at(seq))
    expect(await archive.loadCheckpoint(classId, 1)).toEqual(at(6))
    expect(await archive.loadCheckpoint(classId, 2)).toBeNull()
    const begin = { version: 2, head: { epoch: 2, seq: 9, nonce: 'b' }, state: { ...state, seq: 9 } }
    const continues = { epoch: 1, seq: 3 }
    await archive.saveCheckpoint(classId, { ...begin, continues })
    expect(await archive.loadCheckpoint(classId, 2)).toEqual(begin)
    expect(await archive.findPosition(classId)).toEqual(begin.head)
    expect(await archive.loadEpochs(classId)).toEqual([{ head: begin.head, continues }])
    const { rows } = await db.query('select count(*) as n from class_checkpoints where class_id = $1', [
      classId,
    ])
    expect(rows[0].n).toBe(3)
  })

  test('attendance has one row a person, over tiers and returns; waiting is not presence', async () => {
    const classId = newId('cls')
    const { state, facts } = rehearse(classId, (class_) => {
      class_.enter('t', 'teacher')
      class_.as('t', { name: 'class:start' })
      class_.enter('a')
      class_.enter('b') // overflow
      class_.now += 60_000
      class_.as('b', { name: 'question:ask', text: 'Why?' })
      class_.as('a', { name: 'person:leave' })
      class_.now += 30_000
      class_.as('a', { name: 'person:join' }) // the seat is offered to b
      class_.now += 10_000
      class_.as('t', { name: 'class:end' })
    })
    await createFactArchive(db).appendFacts(toBatch(classId, state, facts))
    const directory = createDirectory(db)
    const { items, next } = await directory.listAttendance(classId, null, 10)
    expect(next).toBeNull()
    const row = (personId: string) => items.find((item) => item.personId === personId)
    expect(row('a')).toMatchObject({ secondsPresent: 70, secondsInSeat: 60, secondsOnStage: 0, requests: 0 })
    expect(row('b')).toMatchObject({ secondsPresent: 100, secondsInSeat: 0, requests: 1 })
    expect(row('t')).toMatchObject({
      name: 'Name of t',
      role: 'teacher',
      secondsPresent: 100,
      secondsInSeat: 100,
    })
    expect((row('a')?.lastLeftAt ?? 0) - (row('a')?.firstJoinedAt ?? 0)).toBe(100_000)
    const page = await directory.listAttendance(classId, null, 2)
    expect(page.items.map((item) => item.personId)).toEqual(['a', 'b'])
    expect(
      (await directory.listAttendance(classId, page.next, 2)).items.map((item) => item.personId),
    ).toEqual(['t'])
    const [request] = await listRequests(db, classId, { limit: 10, status: 'pending' })
    expect(request).toMatchObject({ personId: 'b', kind: 'text', text: 'Why?', votes: 0 })
    const after = request && { createdAt: request.createdAt, requestId: request.requestId }
    expect(await listRequests(db, classId, { limit: 10, after })).toEqual([])
  })
})

test('a connection that breaks between two queries of a transaction fails that transaction only', async () => {
  const postgres = await startPostgres()
  const errors: Error[] = []
  const db = createPool(postgres.url, (error) => errors.push(error))
  const broken = transact(db, async (transaction) => {
    await transaction.query('select 1')
    await postgres.halt()
    await eventually('it is noticed', () => errors.length > 0)
    await transaction.query('select 2')
  })
  await expect(broken).rejects.toThrow()
  await postgres.resume()
  expect((await db.query('select 3 as n')).rows).toEqual([{ n: 3 }])
  await db.end()
  await postgres.stop()
})

test(
  'a database that comes late is waited for',
  async () => {
    const port = await findFreePort()
    const db = createPool(`postgres://postgres@127.0.0.1:${port}/postgres`, () => {})
    const dir = await mkdtemp(join(tmpdir(), 'amphi-pglite-'))
    let waited = 0
    let embedded: ReturnType<typeof serveEmbedded> | undefined
    const ran = await migrate(db, {
      onWaiting: () => {
        if (++waited === 2) embedded = serveEmbedded(dir, { port })
      },
    })
    expect(ran.length).toBeGreaterThan(0)
    await db.end()
    await (await embedded)?.close()
    await rm(dir, { recursive: true, force: true })
  },
  FIRST_START_TIMEOUT_MS,
)
