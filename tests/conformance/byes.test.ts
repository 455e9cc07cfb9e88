import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysOf } from '../../server/redis/names'
import { eventually } from '../support/eventually'
import { type ConformanceClass, openOwnSchool, type Pupil } from './school'
import { type Auth, WireClient } from './wire-client'

/** Every way in which a server closes a connection, as PROTOCOL.md has them, on a server of our own to break. */
let school: Awaited<ReturnType<typeof openOwnSchool>>
let redis: Redis
let algebra: ConformanceClass
let tea: Pupil
/** Has ended at the beginning: the minute until `class_over` goes by meanwhile. */
let over: { endedAt: number; student: WireClient }

beforeAll(async () => {
  school = await openOwnSchool()
  redis = new Redis(school.redisUrl)
  const ended = await school.newClass()
  const student = await ended.enter(await ended.enrol('S'))
  const staff = await ended.enter(await ended.enrol('T', 'teacher'))
  await staff.command('class:end')
  over = { endedAt: performance.now(), student }
  algebra = await school.newClass()
  tea = await algebra.enrol('Tea', 'teacher')
})
afterAll(async () => {
  redis?.disconnect()
  await school?.close()
})

async function refused(auth: Auth): Promise<string> {
  const client = await new WireClient(school.url).enter(auth)
  client.close()
  return client.refusal?.data?.code ?? 'let in'
}

/** [F12] The words, then `41`, then the end of the connection. */
async function byeOf(client: WireClient) {
  await client.until((c) => c.closed !== null)
  const bye = client.last('bye')
  expect(client.frames.at(-1)?.name).toBe('bye')
  expect(client.packets.at(-1)).toBe('41')
  expect(client.faults).toEqual([])
  return bye
}

test('[B1] [F12] removed: and not let in again', async () => {
  const staff = await algebra.enter(tea)
  const pupil = await algebra.enrol('Rude')
  const auth = await algebra.auth(pupil)
  const client = await algebra.enter(pupil)
  await staff.command('person:remove', { personId: pupil.personId })
  expect(await byeOf(client)).toMatchObject({ code: 'removed', retryable: false })
  expect(await refused(auth)).toBe('removed')
  expect(await algebra.join(pupil)).toMatchObject({ status: 403, code: 'removed' })
})

test('[B1] denied: whoever waits at the door and is turned away', async () => {
  const own = await school.newClass({ lobby: true })
  const staff = await own.enter(await own.enrol('T', 'teacher'))
  const pupil = await own.enrol('P')
  const client = await own.enter(pupil)
  await staff.command('person:deny', { personId: pupil.personId })
  expect(await byeOf(client)).toMatchObject({ code: 'denied', retryable: false })
})

test('[B1] left: on all connections', async () => {
  const pupil = await algebra.enrol('Leaver')
  const [one, other] = [await algebra.enter(pupil), await algebra.enter(pupil)]
  one.command('person:leave').catch(() => {})
  for (const client of [one, other]) {
    expect(await byeOf(client)).toMatchObject({ code: 'left', retryable: false })
  }
})

test('[B1] [S5] flooding: more commands than anybody can mean', async () => {
  const pupil = await algebra.enrol('Flood')
  const auth = await algebra.auth(pupil)
  const client = await algebra.enter(pupil)
  // Some of these are too many also for a server that takes seconds to read them.
  const answers = Array.from({ length: 120 }, () => client.command('chat:send', { text: 'spam' }))
  const tooMany = (await Promise.all(answers)).find(({ ok }) => !ok)
  expect(tooMany).toMatchObject({ ok: false, error: { code: 'too_fast', retryable: true } })
  for (let i = 0; i < 1000; i++) client.sendPacket(`42["chat:send",{"id":"${randomUUID()}","text":"x"}]`)
  const bye = await byeOf(client)
  expect(bye).toMatchObject({ code: 'flooding', retryable: true })
  expect(bye?.retryAfterMs).toBeGreaterThan(0)
  expect(await refused(auth)).toBe('flooding')
})

test('[S5] a resume counts as ten', async () => {
  const client = await algebra.enter(await algebra.enrol('Resume'))
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => client.ask('resume', { epoch: 1, seq: 1 })),
  )
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ ok: false, error: { code: 'too_fast' } })
})

test('[S6] nobody has connections without end', async () => {
  const pupil = await algebra.enrol('Tabs')
  const auth = await algebra.auth(pupil)
  const tabs = Array.from({ length: 51 }, () => new WireClient(school.url))
  for (const tab of tabs) await tab.enter(auth)
  const last = tabs.at(-1) as WireClient
  expect(await byeOf(last)).toMatchObject({ code: 'flooding', retryable: true })
  expect(tabs.filter(({ closed }) => closed === null)).toHaveLength(50)
  for (const tab of tabs) tab.cut()
})

test('[B1] [A1] gone: whoever counted as gone joins again', async () => {
  const own = await school.newClass()
  const pupil = await own.enrol('Gone')
  const client = await own.enter(pupil)
  await tell(own.id, { type: 'person.left', personId: pupil.personId, reason: 'gone' })
  expect(await byeOf(client)).toMatchObject({ code: 'gone', retryable: true })
  expect(await own.join(pupil)).toMatchObject({ status: 200 })
})

test('[F11] [W4] resync: what was history is not any more', async () => {
  const own = await school.newClass()
  const pupil = await own.enrol('P')
  const client = await own.enter(pupil)
  await client.command('chat:send', { text: 'kept in memory' })
  await redis.del(...Object.values(keysOf(own.id)))
  await client.until((c) => c.position?.epoch === 2 && c.frames.at(-1)?.name === 'you')
  expect(client.packets).toContain('42["resync"]')
  const names = client.frames.map(({ name }) => name).filter((name) => name !== 'counts')
  expect(names.slice(names.indexOf('resync'))).toEqual(['resync', 'snapshot', 'you'])
  expect(client.last('snapshot')?.class.chat).toMatchObject([{ text: 'kept in memory' }])
  expect(await client.command('chat:send', { text: 'goes on' })).toMatchObject({ ok: true })
})

test('[B1] upgrade: a fact of a newer server is not for this one', async () => {
  const own = await school.newClass()
  const client = await own.enter(await own.enrol('P'))
  await tell(own.id, { type: 'class.transmogrified' })
  expect(await byeOf(client)).toMatchObject({ code: 'upgrade', retryable: true })
})

test('[B1] [S7] class_over: a minute after the end', async () => {
  const { student, endedAt } = over
  await eventually('the minute is over', () => student.closed !== null, 75_000)
  expect(performance.now() - endedAt).toBeGreaterThan(30_000)
  expect(await byeOf(student)).toMatchObject({ code: 'class_over', retryable: false })
}, 80_000)

test('[B1] slow_consumer: whoever does not read is not waited for, and comes back with what they have', async () => {
  const own = await school.newClass()
  const slowOne = await own.enrol('Slow', 'assistant')
  const slow = await own.enter(slowOne)
  const busy = await Promise.all(
    Array.from({ length: 14 }, async (_, i) => own.enter(await own.enrol(`T${i}`, 'teacher'))),
  )
  // No other connection ends meanwhile: the class that was over has been left by now.
  const before = await countSockets()
  slow.pause()
  // As large as a command may be: the system itself keeps megabytes for a reader before anything waits in the server.
  const translations = Object.fromEntries(
    ['de', 'fr', 'it', 'es', 'nl', 'pl', 'pt'].map((l) => [l, '学'.repeat(2000)]),
  )
  const screen = { text: 'x', language: 'en', translations }
  // One after the other: what is committed together is one frame, and no frame is too large by itself.
  for (let round = 0; round < 20 && (await countSockets()) === before; round++) {
    await Promise.all(busy.map((one) => one.command('screen:show', screen)))
  }
  slow.unpause()
  await slow.until((c) => c.closed !== null)
  expect(slow.last('bye')).toMatchObject({ code: 'slow_consumer', retryable: true })
  const back = await own.enter(slowOne, { resume: slow.position })
  await back.until((c) => c.position !== null)
  expect(back.faults).toEqual([])
}, 60_000)

test('[B1] [F6] draining: everybody is sent elsewhere, and resumed there', async () => {
  const own = await school.newClass()
  const pupil = await own.enrol('P')
  const client = await own.enter(pupil)
  await client.command('chat:send', { text: 'here' })
  await client.until((c) => c.facts.length > 0)
  await school.servers.start()
  const [old] = school.servers.open
  if (!old) throw new Error('no server')
  const draining = school.servers.drain(old)
  const bye = await byeOf(client)
  expect(bye).toMatchObject({ code: 'draining', retryable: true })
  expect(bye?.retryAfterMs).toBeGreaterThanOrEqual(0)
  const back = await own.enter(pupil, { resume: client.position })
  expect(back.last('snapshot')).toBeUndefined()
  expect(await back.command('chat:send', { text: 'there' })).toMatchObject({ ok: true })
  await draining
  expect(school.servers.faults).toEqual([])
})

async function countSockets(): Promise<number> {
  const metrics = await (await fetch(`${school.url}/metrics`)).text()
  return Number(/^amphi_gateway_sockets (\d+)$/m.exec(metrics)?.[1])
}

/** As another server process would: a fact that nobody here has decided. */
async function tell(classId: string, body: object): Promise<void> {
  const { log, head, hints } = keysOf(classId)
  const { epoch = '', seq = '' } = await redis.hgetall(head)
  const next = Number(seq) + 1
  const nonce = randomUUID()
  const fact = JSON.stringify({ ...body, seq: next, at: Date.now(), v: 1 })
  await redis
    .multi()
    .xadd(log, `${next}-0`, 'f', fact, 'n', nonce)
    .hset(head, 'seq', next, 'nonce', nonce)
    .publish(hints, `${epoch}|${next}|${nonce}`)
    .exec()
}
