import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFactArchive } from '../../../db/facts'
import type { Fact } from '../../../server/classroom/facts'
import type { FactArchive } from '../../../server/log/class-logs'
import { CHECKPOINT_FACTS, SCRIBE_FACTS } from '../../../server/log/limits'
import { keysOf } from '../../../server/redis/names'
import { by, createTestClass, type Stores, startStores, toRegister } from '../../support/class-processes'
import { eventually } from '../../support/eventually'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterEach(() => stores.endProcesses())
afterAll(() => stores.stop())

async function archivedFacts(classId: string): Promise<Fact[]> {
  const { rows } = await stores.db.query('select fact from class_facts where class_id = $1 order by seq', [
    classId,
  ])
  return rows.map((row) => row.fact)
}

async function untilArchived(classId: string, count: number) {
  await eventually(`${count} facts`, async () => (await archivedFacts(classId)).length >= count, 20_000)
}

test('every fact is written, as it was committed', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  await logs.submit(classId, toRegister('t', 'teacher'))
  await logs.submit(classId, by('t', { name: 'person:join' }))
  await logs.submit(classId, by('t', { name: 'chat:send', text: 'Hallo 😀 \0 and half \ud83d of one' }))
  await untilArchived(classId, 4)
  const facts = await archivedFacts(classId)
  expect(facts.slice(0, 3)).toEqual((await followed.factsAfter(1, 0))?.slice(0, 3))
  expect(facts[3]).toMatchObject({ text: 'Hallo 😀 \ufffd and half \ufffd of one' })
})

test('a class with text that the database refuses is checkpointed and settled like any other', async () => {
  const logs = await stores.start()
  const { classId } = await createTestClass(logs)
  await logs.submit(classId, toRegister('t', 'teacher'))
  await logs.submit(classId, by('t', { name: 'person:join' }))
  await logs.submit(classId, by('t', { name: 'class:start' }))
  await logs.submit(classId, by('t', { name: 'chat:send', text: '\0 and half \ud83d of one' }))
  expect(await logs.submit(classId, by('t', { name: 'class:end' }))).toMatchObject({ ok: true })
  const archive = createFactArchive(stores.db)
  await eventually('it is settled', () => archive.isSettled(classId))
  expect(logs.status().scribe.failing).toBeNull()
})

test('a class that the archive refuses keeps no other class waiting', async () => {
  const archive = createFactArchive(stores.db)
  let refused = ''
  const picky: FactArchive = {
    ...archive,
    appendFacts: (batch) =>
      batch.classId === refused ? Promise.reject(new Error('no')) : archive.appendFacts(batch),
  }
  const logs = await stores.start({ archive: picky, timing: { scribeRetryMs: 100 } })
  const classes: Awaited<ReturnType<typeof createTestClass>>[] = []
  const chat = (classId: string) => logs.submit(classId, by('t', { name: 'chat:send', text: 'on and on' }))
  for (let i = 0; i < 8; i++) {
    const made = await createTestClass(logs)
    refused ||= made.classId
    await logs.submit(made.classId, toRegister('t', 'teacher'))
    await logs.submit(made.classId, by('t', { name: 'person:join' }))
    classes.push(made)
  }
  const last = classes.at(-1)
  const others = classes.slice(0, -1)
  await eventually('it is noticed', () => logs.status().scribe.failing !== null)
  if (last) await chat(last.classId)
  await eventually('the last of them is archived, however lively the others', async () => {
    await Promise.all(others.map(({ classId }) => chat(classId)))
    return (await archive.findPosition(last?.classId ?? ''))?.seq === last?.followed.head.seq
  })
  expect(logs.status().scribe.failing).not.toBeNull()
  refused = ''
  await eventually('all is archived', () => logs.status().scribe.lagFacts === 0)
  await eventually('nothing is refused any more', () => logs.status().scribe.failing === null)
})

test('facts are written once, though answers of the archive are lost and the leader changes in the middle', async () => {
  const archive = createFactArchive(stores.db)
  let calls = 0
  const forgetful: FactArchive = {
    ...archive,
    async appendFacts(batch) {
      const written = await archive.appendFacts(batch)
      if (++calls % 2 === 1) throw new Error('the connection broke after the commit')
      return written
    },
  }
  const first = await stores.start({ archive: forgetful })
  const { classId } = await createTestClass(first, { seats: 1000 })
  await first.submit(classId, toRegister('t', 'teacher'))
  await first.submit(classId, by('t', { name: 'class:start' }))
  for (let i = 0; i < 50; i++) {
    await first.submit(classId, toRegister(`s${i}`))
    await first.submit(classId, by(`s${i}`, { name: 'person:join' }))
  }
  await first.close()
  const second = await stores.start({ archive: forgetful })
  for (let i = 0; i < 50; i++) await second.submit(classId, by(`s${i}`, { name: 'person:leave' }))
  await untilArchived(classId, 153)
  const seqs = (await archivedFacts(classId)).map((fact) => fact.seq)
  expect(seqs).toEqual(Array.from({ length: 153 }, (_, i) => i + 1))
  await eventually('everybody has left', async () => {
    const { rows } = await stores.db.query(
      'select count(*) as stays, count(left_at) as ended from classroom_stays where class_id = $1',
      [classId],
    )
    return rows[0].stays === 50 && rows[0].ended === 50
  })
})

test('an archive that is away holds nobody up; what it missed is written when it is back', async () => {
  const archive = createFactArchive(stores.db)
  let away = true
  const flaky: FactArchive = {
    ...archive,
    findPosition: (classId) => (away ? Promise.reject(new Error('away')) : archive.findPosition(classId)),
    appendFacts: (batch) => (away ? Promise.reject(new Error('away')) : archive.appendFacts(batch)),
  }
  const logs = await stores.start({ archive: flaky })
  const { classId } = await createTestClass(logs)
  expect(await logs.submit(classId, toRegister('a'))).toMatchObject({ ok: true })
  await eventually('it is noticed', () => logs.status().scribe.failing !== null)
  expect(logs.status().scribe.lagFacts).toBe(2)
  away = false
  await untilArchived(classId, 2)
  await eventually('nothing lags', () => logs.status().scribe.lagFacts === 0)
  await eventually('nothing is refused any more', () => logs.status().scribe.failing === null)
})

test('a process that ends writes out what it has', async () => {
  const logs = await stores.start({ timing: { scribeLingerMs: 60_000 } })
  const { classId } = await createTestClass(logs)
  await logs.submit(classId, toRegister('a'))
  await logs.close()
  expect(await archivedFacts(classId)).toHaveLength(2)
})

test('class, people, requests and stays can be queried', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs, { seats: 1 })
  for (const p of ['t', 'a', 'b'])
    await logs.submit(classId, toRegister(p, p === 't' ? 'teacher' : 'student'))
  await logs.submit(classId, by('t', { name: 'person:join' }))
  await logs.submit(classId, by('a', { name: 'person:join' })) // waits: a draft
  await logs.submit(classId, by('t', { name: 'class:start' }))
  await logs.submit(classId, by('b', { name: 'person:join' }))
  await logs.submit(classId, by('b', { name: 'question:ask', text: 'Why?' }))
  await logs.submit(classId, by('b', { name: 'person:leave' }))
  await logs.submit(classId, by('t', { name: 'class:end' }))
  await untilArchived(classId, followed.head.seq)
  const rows = async (sql: string) => (await stores.db.query(sql, [classId])).rows
  expect(await rows('select org_id, title, phase, seats from classrooms where class_id = $1')).toEqual([
    { org_id: 'org_default', title: 'Physics', phase: 'ended', seats: 1 },
  ])
  expect(
    await rows(
      'select person_id, role, name, tier from classroom_participants where class_id = $1 order by person_id',
    ),
  ).toEqual([
    { person_id: 'a', role: 'student', name: 'Name of a', tier: 'seat' },
    { person_id: 'b', role: 'student', name: 'Name of b', tier: null },
    { person_id: 't', role: 'teacher', name: 'Name of t', tier: 'seat' },
  ])
  expect(
    await rows(
      `select person_id, place, left_at is not null as over from classroom_stays where class_id = $1
       order by person_id, joined_at, seq`,
    ),
  ).toEqual([
    { person_id: 'a', place: 'waiting', over: true },
    { person_id: 'a', place: 'seat', over: true },
    { person_id: 'b', place: 'overflow', over: true },
    { person_id: 't', place: 'seat', over: true },
  ])
  expect(
    await rows('select person_id, kind, status, text from classroom_requests where class_id = $1'),
  ).toEqual([{ person_id: 'b', kind: 'text', status: 'pending', text: 'Why?' }])
  expect(
    await rows(
      'select count(*) as n from classroom_participants where class_id = $1 and joined_at is not null and left_at is not null',
    ),
  ).toEqual([{ n: 3 }])
})

test('a long class is checkpointed, the stream is trimmed behind it, and the class loads from there', async () => {
  const first = await stores.start()
  const { classId, followed } = await createTestClass(first)
  await first.submit(classId, toRegister('t', 'teacher'))
  await first.submit(classId, by('t', { name: 'person:join' }))
  const quiet = (on: boolean) => first.submit(classId, by('t', { name: 'class:quiet', on }))
  const checkpoints = async () => Number(await stores.raw.hget(keysOf(classId).head, 'checkpoint'))
  // The second checkpoint trims up to the first.
  for (let round = 1; round <= 2; round++) {
    const start = followed.head.seq
    while (followed.head.seq < start + CHECKPOINT_FACTS + SCRIBE_FACTS) {
      await Promise.all(Array.from({ length: 500 }, (_, i) => quiet(i % 2 === 0)))
    }
    await eventually('a checkpoint', async () => (await checkpoints()) > start, 20_000)
  }
  const { head, state } = followed
  const [oldest] = await stores.raw.xrange(keysOf(classId).log, '-', '+', 'COUNT', 1)
  expect(Number.parseInt(oldest?.[0] ?? '', 10)).toBeGreaterThan(CHECKPOINT_FACTS)
  await first.close()
  const second = await stores.start()
  const loaded = await second.follow(classId)
  expect(loaded?.head).toEqual(head)
  expect(loaded?.state).toEqual(state)
  await second.close()
  await stores.raw.flushall()
  const third = await stores.start()
  const rebuilt = await third.follow(classId)
  expect({ ...rebuilt?.state, seq: 0 }).toEqual({ ...state, seq: 0 })
}, 90_000)

test('a class that is never quiet is checkpointed all the same', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  await logs.submit(classId, toRegister('t', 'teacher'))
  await logs.submit(classId, by('t', { name: 'person:join' }))
  const checkpoint = async () => Number(await stores.raw.hget(keysOf(classId).head, 'checkpoint'))
  let found = 0
  const talker = async () => {
    for (let on = true; found === 0 && followed.head.seq < 4 * CHECKPOINT_FACTS; on = !on) {
      await logs.submit(classId, by('t', { name: 'class:quiet', on }))
    }
  }
  const watcher = eventually(
    'a checkpoint',
    async () => {
      found = await checkpoint()
      return found > 0
    },
    20_000,
  )
  await Promise.all([watcher, ...Array.from({ length: 50 }, talker)])
  expect(found).toBeGreaterThanOrEqual(CHECKPOINT_FACTS)
  expect(found).toBeLessThanOrEqual(followed.head.seq)
}, 30_000)

test('of a class of more than two checkpoints, a process that comes late has what is kept, and says what is not', async () => {
  const first = await stores.start()
  const { classId, followed } = await createTestClass(first)
  await first.submit(classId, toRegister('t', 'teacher'))
  await first.submit(classId, by('t', { name: 'person:join' }))
  while (followed.head.seq < 2.5 * CHECKPOINT_FACTS) {
    const group = Array.from({ length: 500 }, (_, i) =>
      first.submit(classId, by('t', { name: 'class:quiet', on: i % 2 === 0 })),
    )
    await Promise.all(group)
  }
  const { log, head } = keysOf(classId)
  await eventually('trimmed', async () => {
    const [oldest] = await stores.raw.xrange(log, '-', '+', 'COUNT', 1)
    return Number.parseInt(oldest?.[0] ?? '0', 10) > 1
  })
  const [oldest] = await stores.raw.xrange(log, '-', '+', 'COUNT', 1)
  const kept = Number.parseInt(oldest?.[0] ?? '0', 10)
  const checkpointed = Number(await stores.raw.hget(head, 'checkpoint'))
  expect(kept).toBeLessThan(checkpointed)
  const late = await (await stores.start()).follow(classId)
  expect(late?.state).toEqual(followed.state)
  const { epoch, seq } = followed.head
  const seqsAfter = async (after: number) => (await late?.factsAfter(epoch, after))?.map((fact) => fact.seq)
  const upTo = (after: number) => Array.from({ length: seq - after }, (_, i) => after + 1 + i)
  expect(await seqsAfter(seq - 10)).toEqual(upTo(seq - 10)) // from memory
  expect(await seqsAfter(checkpointed - 10)).toEqual(upTo(checkpointed - 10)) // from the stream
  expect(await late?.factsAfter(epoch, kept - 2)).toBeNull() // a snapshot is due
}, 30_000)
