import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ClassLogs } from '../../../server/log/class-logs'
import {
  by,
  createTestClass,
  type Stores,
  startStores,
  toRegister,
  watch,
} from '../../support/class-processes'
import { eventually } from '../../support/eventually'
import { startRedisCluster, type TestCluster } from '../../support/redis-cluster'

let cluster: TestCluster
let stores: Stores
beforeAll(async () => {
  cluster = await startRedisCluster()
  stores = await startStores(undefined, { redis: cluster })
}, 60_000)
afterEach(() => stores.endProcesses())
afterAll(() => stores.stop())

const CLASSES = 12

/** How many keys each node has. */
async function keysByNode(): Promise<number[]> {
  const { raw } = stores
  const nodes = 'nodes' in raw && typeof raw.nodes === 'function' ? raw.nodes('master') : []
  return Promise.all(nodes.map((node: Stores['raw']) => node.dbsize()))
}

async function archived(classId: string): Promise<number> {
  const { rows } = await stores.db.query('select count(*) as n from class_facts where class_id = $1', [
    classId,
  ])
  return rows[0].n
}

test('classes live on all nodes; every process follows them and passes commands on, without a timer', async () => {
  // Hints are all that brings facts to a follower here, and the lead stays where it is.
  const timing = { pollMs: 60_000, leaseMs: 60_000 }
  const [leader, other] = [await stores.start({ timing }), await stores.start({ timing })]
  const clocks = [leader, other].map((logs) => logs.now() - Date.now())
  expect(Math.abs((clocks[0] ?? 0) - (clocks[1] ?? 0))).toBeLessThan(50)
  const classes = await Promise.all(Array.from({ length: CLASSES }, () => createTestClass(leader)))
  expect((await keysByNode()).every((keys) => keys > 0)).toBe(true)
  for (const { classId, followed } of classes) {
    const elsewhere = await other.follow(classId)
    const seen = elsewhere && watch(elsewhere)
    expect(await leader.submit(classId, toRegister('t', 'teacher'))).toMatchObject({ ok: true, seq: 2 })
    await eventually('it is heard', () => elsewhere?.head.seq === 2)
    expect(await other.submit(classId, by('t', { name: 'person:join' }))).toMatchObject({ ok: true, seq: 3 })
    await eventually('it is known everywhere', () => seen?.seqs.join() === '2,3')
    expect(elsewhere?.state).toEqual(followed.state)
    expect([followed.leading, elsewhere?.leading]).toEqual([true, false])
  }
  const heard: unknown[] = []
  const stop = other.onProcessMessage('news', (message) => heard.push(message))
  await eventually('a message to the processes arrives', async () => {
    await leader.publishToProcesses('news', 'hello')
    return heard.includes('hello')
  })
  stop()
  for (const { classId } of classes) await eventually('archived', async () => (await archived(classId)) === 3)
})

test('a leader hands over, and one that is there no more is followed by another', async () => {
  const first = await stores.start()
  const { classId } = await createTestClass(first)
  const second = await stores.start()
  const elsewhere = await second.follow(classId)
  await first.close()
  await eventually('another leads', () => elsewhere?.leading === true)
  expect(await second.submit(classId, toRegister('a'))).toMatchObject({ ok: true, seq: 2 })
  expect(await second.erase(classId, 'a')).toMatchObject({ ok: true })
  expect(await second.submit(classId, toRegister('b'))).toMatchObject({ ok: true })
  await eventually('archived', async () => (await archived(classId)) === elsewhere?.head.seq)
})

test('without one of its nodes, classes of the others go on, and its own are unavailable, not lost in silence', async () => {
  const logs = await stores.start()
  const classes = await Promise.all(Array.from({ length: CLASSES }, () => createTestClass(logs)))
  const answers = () => Promise.all(classes.map(({ classId }) => touch(logs, classId)))
  expect(new Set(await answers())).toEqual(new Set(['ok']))
  for (const node of cluster.nodes) await allowMissingNodes(node.url)
  await cluster.nodes[2]?.kill()
  const kinds = new Set(await answers())
  expect(kinds.has('ok')).toBe(true)
  expect(kinds.has('unavailable')).toBe(true)
}, 40_000)

async function touch(logs: ClassLogs, classId: string): Promise<string> {
  const outcome = await logs.submit(classId, toRegister(`p${Math.random()}`))
  return outcome.ok ? 'ok' : outcome.kind
}

/** What an operator without replicas sets: the slots of one node do not take the others along. */
async function allowMissingNodes(url: string) {
  const client = new Redis(url)
  await client.config('SET', 'cluster-require-full-coverage', 'no')
  client.disconnect()
}
