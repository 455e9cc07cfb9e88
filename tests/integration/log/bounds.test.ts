import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FactBody } from '../../../server/classroom/facts'
import { MAX_LAG_FACTS, QUEUE_COMMANDS } from '../../../server/log/limits'
import { classRules, type Rules } from '../../../server/log/rules'
import {
  by,
  createTestClass,
  type Stores,
  startStores,
  system,
  toRegister,
} from '../../support/class-processes'
import { eventually } from '../../support/eventually'
import { startPostgres, type TestPostgres } from '../../support/postgres'

let postgres: TestPostgres
let stores: Stores
beforeAll(async () => {
  postgres = await startPostgres()
  stores = await startStores(undefined, {
    database: { url: await postgres.createDatabase(), stop: postgres.stop },
  })
})
afterEach(() => stores.endProcesses())
afterAll(() => stores.stop())

const BURST = 1_000

/** The usual rules, and one command that makes very many facts: the archive is filled in seconds. */
const burstRules: Rules = {
  ...classRules,
  decide(state, envelope, context) {
    if (envelope.command.name !== 'stage:seen') return classRules.decide(state, envelope, context)
    const facts = Array.from(
      { length: BURST },
      (_, i): FactBody => ({ type: 'class.quieted', on: i % 2 === 0 }),
    )
    return { ok: true, facts }
  },
}

test('a database that is stopped holds nobody up, until too much would be lost with Redis; nothing is lost', async () => {
  const logs = await stores.start({ rules: burstRules })
  const { classId, followed } = await createTestClass(logs)
  const burst = () => logs.submit(classId, by(system, { name: 'stage:seen', personId: 'p', present: true }))
  expect(await burst()).toMatchObject({ ok: true })
  await postgres.halt()
  let outcome = await burst()
  while (outcome.ok) outcome = await burst()
  expect(outcome).toMatchObject({ kind: 'busy', retryAfterMs: expect.any(Number) })
  expect(followed.head.seq).toBeGreaterThan(MAX_LAG_FACTS)
  expect(followed.head.seq).toBeLessThanOrEqual(MAX_LAG_FACTS + 3 * BURST)
  expect(logs.status().scribe.failing).not.toBeNull()
  expect(logs.status().scribe.lagFacts).toBeGreaterThan(MAX_LAG_FACTS)
  await postgres.resume()
  await eventually('commands are taken again', async () => (await burst()).ok, 20_000)
  await eventually('all is archived', () => logs.status().scribe.lagFacts === 0, 20_000)
  const { rows } = await stores.db.query(
    'select count(*) as facts, min(seq) as first, max(seq) as last from class_facts where class_id = $1',
    [classId],
  )
  expect(rows[0]).toEqual({ facts: followed.head.seq, first: 1, last: followed.head.seq })
}, 60_000)

test('of more commands than can wait, the rest is busy at once, and those that wait are carried out', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  const before = followed.head.seq
  const tooMany = 1_000
  const asked = Array.from({ length: QUEUE_COMMANDS + tooMany }, (_, i) =>
    logs.submit(classId, toRegister(`p${i}`)),
  )
  const outcomes = await Promise.all(asked)
  const busy = outcomes.filter((outcome) => !outcome.ok)
  expect(busy.length).toBeGreaterThan(0)
  expect(busy.length).toBeLessThanOrEqual(tooMany)
  for (const outcome of busy)
    expect(outcome).toMatchObject({ kind: 'busy', retryAfterMs: expect.any(Number) })
  expect(followed.head.seq - before).toBe(outcomes.length - busy.length)
}, 30_000)

test.each([
  ['full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  ['read-only', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
])(
  'while Redis is %s, commands are unavailable, reading goes on, and then all goes on',
  async (_how, hurt, heal) => {
    const ask = ([command = '', ...args]: string[]) => stores.raw.call(command, ...args)
    const [leader, other] = [await stores.start(), await stores.start()]
    const { classId, followed } = await createTestClass(leader)
    await leader.submit(classId, toRegister('a'))
    await ask(hurt)
    try {
      const outcomes = await Promise.all([
        leader.submit(classId, toRegister('b')),
        other.submit(classId, toRegister('c')),
      ])
      for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, kind: 'unavailable' })
      expect(followed.head.seq).toBe(2)
      expect((await other.follow(classId))?.head.seq).toBe(2)
    } finally {
      await ask(heal)
    }
    await eventually(
      'commands are taken again',
      async () => (await leader.submit(classId, toRegister('d'))).ok,
    )
    expect(await other.submit(classId, toRegister('e'))).toMatchObject({ ok: true })
    expect(followed.head.epoch).toBe(1)
  },
  30_000,
)
