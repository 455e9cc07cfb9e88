import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { keysOf, openClassesKey, processChannel } from '../../../server/redis/names'
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
import { startProcessToKill } from '../../support/kill-process'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterEach(() => stores.endProcesses())
afterAll(() => stores.stop())

test('commands are passed on to the leader, whoever gets them', async () => {
  const [first, second, third] = [await stores.start(), await stores.start(), await stores.start()]
  const { classId, followed } = await createTestClass(first)
  const people = Array.from({ length: 90 }, (_, i) => `p${i}`)
  const everybody = [first, second, third]
  const outcomes = await Promise.all(
    people.map((personId, i) => (everybody[i % 3] ?? first).submit(classId, toRegister(personId))),
  )
  expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.seq)).size).toBe(90)
  expect(followed.leading).toBe(true)
  expect((await second.follow(classId))?.leading).toBe(false)
})

test('whoever was answered finds the facts in their own process', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  for (let i = 0; i < 20; i++) {
    const outcome = await second.submit(classId, toRegister(`p${i}`))
    expect(outcome.ok && elsewhere && elsewhere.head.seq >= outcome.seq).toBe(true)
  }
})

test('what another process passes on and is no command stops neither the class nor the process', async () => {
  const leader = await stores.start()
  const { classId, followed } = await createTestClass(leader)
  const channel = processChannel(leader.processId)
  const told = (envelope: unknown) =>
    JSON.stringify([{ kind: 'command', ref: 1, from: 'x', classId, envelope }])
  const envelopes = [
    undefined,
    null,
    {},
    'x',
    { by: {}, command: {} },
    by(system, { name: 'no:such' } as never),
  ]
  for (const text of ['', 'x', 'null', '[null]', '[{}]', '{}', ...envelopes.map(told)]) {
    expect(await stores.raw.publish(channel, text)).toBe(1)
  }
  // Behind all of these.
  await stores.raw.publish(channel, told(toRegister('by another process')))
  await eventually('it is carried out', () => followed.state.people.size === 1)
  expect(await leader.submit(classId, toRegister('b'))).toMatchObject({ ok: true, seq: 3 })
})

test('a process that ends hands its classes over at once', async () => {
  const [first, second] = [
    await stores.start({ timing: { leaseMs: 60_000 } }),
    await stores.start({ timing: { leaseMs: 60_000 } }),
  ]
  const { classId } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  const last = first.submit(classId, toRegister('a'))
  await first.close()
  expect(await last).toMatchObject({ ok: true })
  await eventually('the other process leads', () => elsewhere?.leading === true)
  expect(await second.submit(classId, toRegister('b'))).toMatchObject({ ok: true, seq: 3 })
})

test('a leader that is killed loses nothing that it acknowledged, and is followed by another', async () => {
  const [here, doomed] = [
    await stores.start({ timing: { caretakerMs: 60_000 } }),
    await startProcessToKill({ REDIS_URL: stores.redis.url, DATABASE_URL: stores.databaseUrl }),
  ]
  const { classId } = await createTestClass(await stores.start({ timing: { caretakerMs: 60_000 } }))
  await stores.raw.del(keysOf(classId).lease)
  await eventually('the other process leads', async () => {
    await doomed.submit(classId, toRegister('first'))
    return (await stores.raw.get(keysOf(classId).lease))?.startsWith(doomed.processId) ?? false
  })
  const followed = await here.follow(classId)
  if (!followed) throw new Error('not followed')
  const seen = watch(followed)
  const acknowledged: number[] = []
  let sent = 0
  const flood = async () => {
    for (;;) {
      const outcome = await doomed.submit(classId, toRegister(`p${++sent}`))
      if (!outcome) return
      if (outcome.ok) acknowledged.push(outcome.seq)
    }
  }
  const floods = Array.from({ length: 8 }, flood)
  await eventually('it has acknowledged some', () => acknowledged.length > 100)
  await doomed.kill()
  await Promise.all(floods)
  // Passed on to nobody at first: the lease of the dead has to run out.
  const next = await here.submit(classId, toRegister('next'))
  expect(next).toMatchObject({ ok: true })
  expect(followed.leading).toBe(true)
  expect(followed.head.epoch).toBe(1)
  const highest = Math.max(...acknowledged)
  expect(next.ok && next.seq).toBeGreaterThan(highest)
  const facts = (await followed.factsAfter(1, 0)) ?? []
  const seqs = new Set(facts.map((fact) => fact.seq))
  expect(acknowledged.filter((seq) => !seqs.has(seq))).toEqual([])
  expect(seen.seqs).toEqual([...seen.seqs].sort((a, b) => a - b))
}, 120_000)

test('a class that nobody leads is picked up, and its deadlines pass without a word from anybody', async () => {
  const first = await stores.start()
  const { classId } = await createTestClass(first, { seats: 1 })
  for (const p of ['t', 's', 'o'])
    await first.submit(classId, toRegister(p, p === 't' ? 'teacher' : 'student'))
  await first.submit(classId, by('t', { name: 'class:start' }))
  for (const p of ['t', 's', 'o']) await first.submit(classId, by(p, { name: 'person:join' }))
  await first.submit(classId, by('s', { name: 'person:leave' })) // offers the seat to `o`
  expect(await stores.raw.sismember(openClassesKey, classId)).toBe(1)
  await first.close()
  // Offers run for many seconds: the next process believes that they are over.
  const second = await stores.start()
  const followed = await second.follow(classId)
  await eventually('the caretaker leads it', () => followed?.leading === true)
  expect(Object.keys(followed?.state.offers ?? {})).toEqual(['o'])
  const until = Object.values(followed?.state.offers ?? {})[0]?.until ?? 0
  expect(until).toBeGreaterThan(second.now())
  await eventually(
    'the offer has run out',
    () => Object.keys(followed?.state.offers ?? { o: 1 }).length === 0,
    45_000,
  )
  expect(second.now()).toBeGreaterThanOrEqual(until)
}, 60_000)

test('two processes that both believe to lead do not harm the history', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId, followed } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  const { lease } = keysOf(classId)
  const people = Array.from({ length: 200 }, (_, i) => `p${i}`)
  const outcomes = await Promise.all(
    people.map(async (personId, i) => {
      if (i % 20 === 0) await stores.raw.del(lease) // the next one who asks may take it
      return (i % 2 === 0 ? first : second).submit(classId, toRegister(personId))
    }),
  )
  expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([])
  await eventually(
    'both have all',
    () => followed.head.seq >= 201 && elsewhere?.head.seq === followed.head.seq,
  )
  expect(elsewhere?.state).toEqual(followed.state)
  expect(followed.state.people.size).toBe(200)
})

test('a class that is over leaves the list of those that somebody has to lead', async () => {
  const logs = await stores.start()
  const { classId } = await createTestClass(logs)
  await logs.submit(classId, by({ kind: 'api' }, { name: 'class:start' }))
  await logs.submit(classId, by({ kind: 'api' }, { name: 'class:end' }))
  await eventually('not listed', async () => (await stores.raw.sismember(openClassesKey, classId)) === 0)
})

test('processes talk to each other over topics', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const heard: unknown[] = []
  const stop = second.onProcessMessage('presence', (message, from) => heard.push([message, from]))
  await eventually('a message arrives', async () => {
    await first.publishToProcesses('presence', { edge: 1 })
    return heard.length > 0
  })
  expect(heard[0]).toEqual([{ edge: 1 }, first.processId])
  stop()
})
