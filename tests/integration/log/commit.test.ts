import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { append } from '../../../server/log/append'
import { keysOf } from '../../../server/redis/names'
import {
  by,
  createTestClass,
  type Stores,
  startStores,
  system,
  toRegister,
  watch,
} from '../../support/class-processes'
import { eventually } from '../../support/eventually'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterEach(() => stores.endProcesses())
afterAll(() => stores.stop())

test('a command becomes facts that every process sees once and in order', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId, followed } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  if (!elsewhere) throw new Error('not found by the second process')
  const seen = watch(elsewhere)
  for (let i = 0; i < 20; i++)
    expect(await first.submit(classId, toRegister(`p${i}`))).toMatchObject({ ok: true })
  await eventually('the second process has them', () => elsewhere.head.seq === 21)
  expect(seen.seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 2))
  expect(elsewhere.state).toEqual(followed.state)
  expect(elsewhere.head).toEqual(followed.head)
})

test('facts carry number, time, version and cause; time never goes back', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  await logs.submit(classId, toRegister('t', 'teacher'))
  const joined = await logs.submit(classId, by('t', { name: 'person:join' }, 'join-1'))
  expect(joined).toMatchObject({
    ok: true,
    facts: [{ type: 'person.joined', seq: 3, v: 1, cause: { personId: 't', id: 'join-1' } }],
  })
  const facts = (await followed.factsAfter(1, 0)) ?? []
  const times = facts.map((fact) => fact.at)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(Math.abs((times[0] ?? 0) - logs.now())).toBeLessThan(5_000)
})

test('the resend of an accepted command gives the same seq, here and through another process', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId, followed } = await createTestClass(first)
  await first.submit(classId, toRegister('t', 'teacher'))
  const join = by('t', { name: 'person:join' })
  expect(await first.submit(classId, join)).toMatchObject({ ok: true, seq: 3 })
  await first.submit(classId, by('t', { name: 'class:start' }))
  expect(await first.submit(classId, join)).toEqual({ ok: true, seq: 3, facts: [] })
  expect(await second.submit(classId, join)).toEqual({ ok: true, seq: 3, facts: [] })
  expect(followed.head.seq).toBe(4)
})

test('a refusal says why, and leaves no fact', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  await logs.submit(classId, toRegister('s'))
  const refused = await logs.submit(classId, by('s', { name: 'class:start' }))
  expect(refused).toMatchObject({ ok: false, kind: 'refusal', refusal: { code: 'not_allowed' } })
  expect(followed.head.seq).toBe(2)
})

test('a class that nobody made is unknown', async () => {
  const logs = await stores.start()
  expect(await logs.follow('cls_nobody')).toBeNull()
  expect(await logs.submit('cls_nobody', toRegister('s'))).toEqual({ ok: false, kind: 'unknown_class' })
})

test('making a class twice makes one', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  const again = by(system, {
    name: 'class:create',
    orgId: 'org_default',
    title: 'Another',
    code: 'x',
    settings: followed.state.settings,
  })
  expect(await logs.create(classId, again)).toMatchObject({ ok: true, facts: [] })
  expect(followed.state.title).toBe('Physics')
})

test('a thousand simultaneous joins share appends, and seats go to exactly as many as there are', async () => {
  // Nothing is asked of Redis on a timer meanwhile.
  const timing = { leaseMs: 120_000, renewMs: 60_000, pollMs: 60_000, caretakerMs: 60_000, erasureMs: 60_000 }
  const logs = await stores.start({ timing })
  const { classId, followed } = await createTestClass(logs, { seats: 10 })
  await logs.submit(classId, toRegister('t', 'teacher'))
  await logs.submit(classId, by('t', { name: 'class:start' }))
  const people = Array.from({ length: 1000 }, (_, i) => `s${i}`)
  await Promise.all(people.map((personId) => logs.submit(classId, toRegister(personId))))
  const before = Number(await info('total_commands_processed'))
  const joined = await Promise.all(people.map((p) => logs.submit(classId, by(p, { name: 'person:join' }))))
  expect(joined.every((outcome) => outcome.ok)).toBe(true)
  expect(followed.state.seats.held).toBe(10)
  expect(followed.state.tiers.overflow).toBe(990)
  // Lua's own calls count: an XADD a fact and a few for every append.
  expect(Number(await info('total_commands_processed')) - before).toBeLessThan(1_300)
})

test('an append on a head that moved is answered with what was missed, and appends nothing', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  const from = followed.head
  await logs.submit(classId, toRegister('a'))
  const term = Number(await stores.raw.hget(keysOf(classId).head, 'term'))
  const facts = (await followed.factsAfter(1, 1)) ?? []
  const late = await append(stores.raw, classId, { from, term, nonce: 'mine', facts })
  expect(late).toMatchObject({
    kind: 'conflict',
    read: { kind: 'entries', entries: [['2-0', expect.anything()]] },
  })
  expect(await stores.raw.xlen(keysOf(classId).log)).toBe(2)
})

test('a leader whose term is over is fenced', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  await stores.raw.hincrby(keysOf(classId).head, 'term', 1)
  const facts = (await followed.factsAfter(1, 0)) ?? []
  const stale = await append(stores.raw, classId, { from: followed.head, term: 1, nonce: 'mine', facts })
  expect(stale).toEqual({ kind: 'fenced' })
  expect(await logs.submit(classId, toRegister('a'))).toMatchObject({ ok: true, seq: 2 })
})

test('a lost hint only delays: gaps are read on a timer too', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  const { head, log } = keysOf(classId)
  const fact = { type: 'class.started', seq: 2, at: first.now(), v: 1 }
  await stores.raw
    .multi()
    .xadd(log, '2-0', 'f', JSON.stringify(fact), 'n', 'silent')
    .hset(head, 'seq', 2, 'nonce', 'silent')
    .exec()
  await eventually('the follower has read it', () => elsewhere?.state.phase === 'live')
  // The leader meets it too, at the latest when its own append conflicts.
  expect(await first.submit(classId, toRegister('a'))).toMatchObject({ ok: true, seq: 3 })
})

test('a fact of a newer version closes the class here', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  if (!elsewhere) throw new Error('not followed')
  const seen = watch(elsewhere)
  const { head, log } = keysOf(classId)
  const fact = { type: 'class.teleported', seq: 2, at: first.now(), v: 1 }
  await stores.raw
    .multi()
    .xadd(log, '2-0', 'f', JSON.stringify(fact), 'n', 'new')
    .hset(head, 'seq', 2, 'nonce', 'new')
    .exec()
  await eventually('the class is closed', () => seen.closed === 'upgrade')
  expect(await second.submit(classId, toRegister('a'))).toMatchObject({ ok: false, kind: 'unavailable' })
})

async function info(field: string): Promise<string> {
  return /:(\d+)/.exec((await stores.raw.info('stats')).split(field)[1] ?? '')?.[1] ?? ''
}
