import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createDirectory } from '../../../db/directory'
import { createFactArchive } from '../../../db/facts'
import { ERASED_NAME } from '../../../server/classroom/erase'
import type { ClassLogs, FollowedClass } from '../../../server/log/class-logs'
import {
  by,
  createTestClass,
  type Stores,
  startStores,
  system,
  toRegister,
  watch,
} from '../../support/class-processes'
import { startEmbedded } from '../../support/embedded-database'
import { eventually } from '../../support/eventually'

const SECRET = /Name of s1|secret/

describe.each([
  ['PostgreSQL', undefined],
  ['the embedded database', startEmbedded],
])('on %s', (_name, startDatabase) => {
  let stores: Stores
  beforeAll(async () => {
    stores = await startStores(undefined, { database: await startDatabase?.() })
  }, 60_000)
  afterEach(() => stores.endProcesses())
  afterAll(() => stores.stop())

  /** A live class in which s1 has left words everywhere, and s2 some. */
  async function startTalk(logs: ClassLogs): Promise<{ classId: string; followed: FollowedClass }> {
    const made = await createTestClass(logs, { seats: 5 })
    const { classId, followed } = made
    const submit = async (envelope: Parameters<ClassLogs['submit']>[1]) => {
      const outcome = await logs.submit(classId, envelope)
      if (!outcome.ok) throw new Error(JSON.stringify(outcome))
      return outcome.facts
    }
    await submit(toRegister('t', 'teacher'))
    await submit(by('t', { name: 'person:join' }))
    await submit(by('t', { name: 'class:start' }))
    for (const student of ['s1', 's2']) {
      await submit(toRegister(student))
      await submit(by(student, { name: 'person:join' }))
      const words = student === 's1' ? 'secret' : 'harmless'
      const [asked] = await submit(by(student, { name: 'question:ask', text: `${words} question` }))
      await submit(by(student, { name: 'chat:send', text: `${words} message` }))
      const requestId = asked?.type === 'request.made' ? asked.requestId : ''
      await submit(by('t', { name: 'screen:show', requestId }))
    }
    expect(followed.state.people.size).toBe(3)
    return made
  }

  /** Every word about the class that is kept anywhere outside of processes. */
  async function everythingKept(classId: string): Promise<string> {
    const { rows } = await stores.db.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'public' and column_name = 'class_id'`,
    )
    const texts: string[] = []
    for (const { name } of rows) {
      const found = await stores.db.query(`select t::text as row from ${name} t where class_id = $1`, [
        classId,
      ])
      texts.push(...found.rows.map(({ row }) => row))
    }
    for (const key of await stores.raw.keys(`*{${classId}}*`)) {
      const type = await stores.raw.type(key)
      if (type === 'string') texts.push((await stores.raw.get(key)) ?? '')
      if (type === 'stream') texts.push(JSON.stringify(await stores.raw.xrange(key, '-', '+')))
      if (type === 'hash') texts.push(JSON.stringify(await stores.raw.hgetall(key)))
    }
    return texts.join('\n')
  }

  async function everythingInMemory(logs: ClassLogs, classId: string): Promise<string> {
    const followed = await logs.follow(classId)
    const facts = followed && (await followed.factsAfter(followed.head.epoch, 0))
    return JSON.stringify([followed?.state, facts])
  }

  const untilArchived = (logs: ClassLogs) =>
    eventually('nothing lags', () => logs.status().scribe.lagFacts === 0)

  test('[LOG7] who is erased is in no store and in no process; the class goes on, and its history is whole', async () => {
    const [leader, other] = [await stores.start(), await stores.start()]
    const { classId, followed } = await startTalk(leader)
    const elsewhere = await other.follow(classId)
    const seen = watch(followed)
    await untilArchived(leader)
    await stores.db.query(
      `update classroom_participants set external_id = 'secret id' where class_id = $1 and person_id = 's1'`,
      [classId],
    )
    expect(await everythingKept(classId)).toMatch(SECRET)
    const before = followed.head
    expect(await other.erase(classId, 's1')).toMatchObject({ ok: true })
    expect(await everythingKept(classId)).not.toMatch(SECRET)
    await eventually('both follow', () => elsewhere?.head.epoch === 2 && followed.head.epoch === 2)
    for (const logs of [leader, other]) expect(await everythingInMemory(logs, classId)).not.toMatch(SECRET)
    expect(seen.epochs).toEqual([2])
    expect(followed.head.seq).toBeGreaterThan(before.seq) // removed, then rewritten
    const archive = createFactArchive(stores.db)
    const facts = await archive.loadFacts(classId, 1, 0, 1000)
    expect(facts.map((fact) => fact.seq)).toEqual(Array.from({ length: followed.head.seq }, (_, i) => i + 1))
    expect(JSON.stringify(facts)).toContain('harmless message')
    const { items } = await createDirectory(stores.db).listAttendance(classId, null, 10)
    expect(items.map((item) => item.name).sort()).toEqual([ERASED_NAME, 'Name of s2', 'Name of t'])
    const sent = await leader.submit(classId, by('s2', { name: 'chat:send', text: 'we go on' }))
    expect(sent).toMatchObject({ ok: true, seq: followed.head.seq })
    const back = await leader.submit(classId, by('s1', { name: 'person:join' }))
    expect(back).toMatchObject({ ok: false, refusal: { code: 'removed' } })
    const head = followed.head
    expect(await leader.erase(classId, 's1')).toMatchObject({ ok: true })
    expect(followed.head).toEqual(head)
    // A class that is rebuilt from the archive has nothing of them either.
    await untilArchived(leader)
    await stores.endProcesses()
    await stores.raw.flushall()
    const stranger = await stores.start()
    expect(await everythingInMemory(stranger, classId)).toMatch(/harmless message/)
    expect(await everythingInMemory(stranger, classId)).not.toMatch(SECRET)
  })

  test('[LOG7] somebody can be erased from a class that is over, by a process that never had it', async () => {
    const first = await stores.start()
    const { classId } = await startTalk(first)
    await first.submit(classId, by('t', { name: 'class:end' }))
    await untilArchived(first)
    await stores.endProcesses()
    const second = await stores.start()
    expect(await second.erase(classId, 's1')).toMatchObject({ ok: true })
    expect(await everythingKept(classId)).not.toMatch(SECRET)
    expect(await everythingInMemory(second, classId)).not.toMatch(SECRET)
    expect((await second.follow(classId))?.state.phase).toBe('ended')
  })

  test.each(['before the log is rewritten', 'after the log is rewritten'])(
    '[LOG7] an erasure that ends in the middle, %s, is ended by another process',
    async (when) => {
      const archive = createFactArchive(stores.db)
      let broken = false
      const away = () => Promise.reject(new Error('the process died here'))
      const dying = {
        ...archive,
        findPosition: (classId: string) =>
          broken && when.startsWith('before') ? away() : archive.findPosition(classId),
        erasures: { ...archive.erasures, carryOut: away },
      }
      const first = await stores.start({ archive: dying, timing: { erasureMs: 60_000 } })
      const { classId } = await startTalk(first)
      await untilArchived(first)
      broken = true
      expect(await first.erase(classId, 's1')).toMatchObject({ ok: false, kind: 'unavailable' })
      expect(await everythingKept(classId)).toMatch(SECRET)
      await stores.endProcesses()
      const second = await stores.start()
      await eventually('nothing of them is left', async () => !SECRET.test(await everythingKept(classId)))
      const { rows } = await stores.db.query('select 1 from erasures')
      expect(rows).toEqual([])
      expect(await everythingInMemory(second, classId)).not.toMatch(SECRET)
      expect(await second.submit(classId, by(system, { name: 'deadlines:pass' }))).toMatchObject({ ok: true })
    },
  )
})
