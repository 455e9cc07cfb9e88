import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createDirectory } from '../../../db/directory'
import { createFactArchive } from '../../../db/facts'
import { upcast } from '../../../server/classroom/upcast'
import { createFactHistory } from '../../../server/http/fact-history'
import { beginEpoch } from '../../../server/log/begin'
import type { ClassLogs } from '../../../server/log/class-logs'
import { keysOf, openClassesKey } from '../../../server/redis/names'
import {
  by,
  createTestClass,
  type Stores,
  startStores,
  system,
  toRegister,
} from '../../support/class-processes'
import { eventually } from '../../support/eventually'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterEach(() => stores.endProcesses())
afterAll(() => stores.stop())

async function playClass(logs: ClassLogs, { broadcast = false } = {}): Promise<string> {
  const { classId } = await createTestClass(logs)
  await logs.submit(classId, toRegister('t', 'teacher'))
  await logs.submit(classId, by('t', { name: 'person:join' }))
  await logs.submit(classId, by('t', { name: 'class:start' }))
  if (broadcast) await logs.submit(classId, by(system, { name: 'broadcast:run', runId: 'run_1' }))
  await logs.submit(classId, by('t', { name: 'class:end' }))
  return classId
}

const keysLeft = async (classId: string) => {
  const { log, head, checkpoint } = keysOf(classId)
  return stores.raw.exists(log, head, checkpoint)
}

test('Redis forgets a class that is over and archived; it is read from the archive as it was', async () => {
  const first = await stores.start({ timing: { endedKeptMs: 300 } })
  const classId = await playClass(first)
  const { state, head } = (await first.follow(classId)) ?? {}
  await first.close()
  await eventually('its keys are gone', async () => (await keysLeft(classId)) === 0)
  const started = performance.now()
  const second = await stores.start({ timing: { strangerPatienceMs: 30_000 } })
  const followed = await second.follow(classId)
  expect(performance.now() - started).toBeLessThan(5_000) // nobody who may know more is waited for
  expect(followed?.state).toEqual(state)
  expect(followed?.head).toEqual(head)
  if (!followed) throw new Error('not there')
  const page = await createFactHistory(createFactArchive(stores.db), upcast).read(followed, undefined, 100)
  expect(page.ok && page.items.map((fact) => fact.type).at(-1)).toBe('class.ended')
  const { items } = await createDirectory(stores.db).listAttendance(classId, null, 10)
  expect(items).toMatchObject([{ personId: 't', role: 'teacher' }])
  expect(await stores.raw.pttl(keysOf(classId).head)).toBeGreaterThan(0) // and it goes again
})

test('what happens in a class after its end is kept until it is archived, and then goes with the rest', async () => {
  // A process that looks while it has the class in memory brings it back: in earnest it forgets it long before.
  const first = await stores.start({ timing: { endedKeptMs: 5_000, pollMs: 60_000 } })
  const classId = await playClass(first)
  await eventually('it will go', async () => (await stores.raw.pttl(keysOf(classId).log)) > 0)
  expect(await first.submit(classId, by('t', { name: 'person:leave' }))).toMatchObject({ ok: true })
  await eventually('its keys are gone', async () => (await keysLeft(classId)) === 0, 20_000)
  await first.close()
  const second = await stores.start({ timing: { strangerPatienceMs: 30_000 } })
  const followed = await second.follow(classId)
  expect(followed?.head).toMatchObject({ epoch: 1, seq: 6 })
  expect(await second.submit(classId, by('t', { name: 'class:start' }))).toMatchObject({
    ok: false,
    refusal: { code: 'class_ended' },
  })
})

test('a new epoch of a class that is over is kept until it is archived, though nothing is appended to it', async () => {
  const { classId, followed } = await createTestClass(await stores.start())
  const { log, head, checkpoint } = keysOf(classId)
  for (const key of [log, head]) await stores.raw.pexpire(key, 60_000)
  const found = followed.head
  const next = { version: 1, head: { epoch: 2, seq: found.seq, nonce: 'n' }, state: followed.state }
  expect(await beginEpoch(stores.raw, classId, found, next)).toBe(true)
  for (const key of [head, checkpoint]) expect(await stores.raw.pttl(key)).toBe(-1)
})

test('a class that is over, whose leader dies before it is archived, is archived by another process', async () => {
  const archive = createFactArchive(stores.db)
  const away = { ...archive, appendFacts: () => Promise.reject(new Error('away')) }
  const first = await stores.start({ archive: away })
  const classId = await playClass(first)
  await stores.endProcesses()
  await stores.start()
  await eventually('it is settled', () => archive.isSettled(classId))
  const { rows } = await stores.db.query('select count(*) as n from class_facts where class_id = $1', [
    classId,
  ])
  expect(rows[0].n).toBe(5)
  await eventually(
    'nobody has to lead it',
    async () => !(await stores.raw.smembers('amphi:classes')).includes(classId),
  )
})

const isListed = async (classId: string) => (await stores.raw.sismember(openClassesKey, classId)) === 1
const isLed = async (classId: string) => (await stores.raw.exists(keysOf(classId).lease)) === 1

/** Archived, and as long over as another class that nobody has to lead any more. */
async function outlast(logs: ClassLogs, classId: string) {
  const { head } = (await logs.follow(classId)) ?? {}
  const archive = createFactArchive(stores.db)
  await eventually('it is archived', async () => (await archive.findPosition(classId))?.seq === head?.seq)
  const other = await playClass(logs)
  await eventually('the other is left', async () => !(await isListed(other)) && !(await isLed(other)))
}

test('a class that is over is led until its broadcast is wound up, and only then settled', async () => {
  const logs = await stores.start({ timing: { idleMs: 200 } })
  const classId = await playClass(logs, { broadcast: true })
  const followed = await logs.follow(classId)
  const led: boolean[] = []
  followed?.listen((event) => event.kind === 'lead' && led.push(event.leading))
  await outlast(logs, classId)
  expect([followed?.leading, led, await isListed(classId)]).toEqual([true, [], true])
  expect(await createFactArchive(stores.db).isSettled(classId)).toBe(false)
  expect(await stores.raw.pttl(keysOf(classId).log)).toBe(-1)
  await logs.submit(classId, by(system, { name: 'broadcast:stop' }))
  await eventually('nobody has to lead it', async () => !(await isListed(classId)))
  await eventually('nobody leads it', async () => !(await isLed(classId)))
  expect(await createFactArchive(stores.db).isSettled(classId)).toBe(true)
})

test('a class whose leader ends before its broadcast is wound up is led by another process', async () => {
  const first = await stores.start()
  const classId = await playClass(first, { broadcast: true })
  await first.close()
  const second = await stores.start()
  await eventually('found by the caretaker', async () => (await second.follow(classId))?.leading === true)

  // The one that follows it needs no caretaker, and waits for no lease to run out.
  const third = await stores.start({ timing: { caretakerMs: 60_000, leaseMs: 60_000 } })
  const followed = await third.follow(classId)
  await second.close()
  await eventually('handed over', () => followed?.leading === true)
  expect(await third.submit(classId, by(system, { name: 'broadcast:stop' }))).toMatchObject({ ok: true })
  await eventually('nobody has to lead it', async () => !(await isListed(classId)))
})

test('a command that comes after the end does not put the class back on the list of those to lead', async () => {
  const logs = await stores.start({ timing: { idleMs: 200 } })
  const classId = await playClass(logs)
  await eventually('nobody leads it', async () => !(await isLed(classId)) && !(await isListed(classId)))
  const late = await logs.submit(classId, by('t', { name: 'chat:send', text: 'Wait!' }))
  expect(late).toMatchObject({ ok: false, refusal: { code: 'class_ended' } })
  await eventually('nobody has to lead it', async () => !(await isListed(classId)))
  await eventually('nobody leads it any more', async () => !(await isLed(classId)))
  const term = await stores.raw.hget(keysOf(classId).head, 'term')
  await eventually('this process forgets it', () => logs.status().classesFollowed === 0)
  expect([await isListed(classId), await isLed(classId)]).toEqual([false, false])
  expect(await stores.raw.hget(keysOf(classId).head, 'term')).toBe(term) // nobody has led it since
})
