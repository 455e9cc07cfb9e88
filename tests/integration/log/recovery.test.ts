import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFactArchive } from '../../../db/facts'
import { rowsOf } from '../../../server/classroom/table'
import { keysOf } from '../../../server/redis/names'
import {
  by,
  createTestClass,
  type Stores,
  startStores,
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

async function copy(classId: string) {
  const { log, head } = keysOf(classId)
  const [logCopy, headCopy] = await Promise.all([stores.raw.dumpBuffer(log), stores.raw.dumpBuffer(head)])
  return async () => {
    await stores.raw
      .multi()
      .restore(log, 0, logCopy ?? '', 'REPLACE')
      .restore(head, 0, headCopy ?? '', 'REPLACE')
      .exec()
  }
}

async function archived(classId: string, seq: number) {
  await eventually(
    `fact ${seq} is archived`,
    async () => {
      const { rows } = await stores.db.query('select seq from class_positions where class_id = $1', [classId])
      return rows[0]?.seq >= seq
    },
    20_000,
  )
}

test('a Redis that lost everything gets the class back from its leader, under a new epoch', async () => {
  const logs = await stores.start()
  const { classId, followed } = await createTestClass(logs)
  const seen = watch(followed)
  for (let i = 0; i < 5; i++) await logs.submit(classId, toRegister(`p${i}`))
  const before = followed.state
  await stores.raw.flushall()
  const outcome = await logs.submit(classId, toRegister('next'))
  expect(outcome).toMatchObject({ ok: true, seq: 7 })
  expect(seen.epochs).toEqual([2])
  expect(followed.state.people.size).toBe(before.people.size + 1)
  await archived(classId, 7)
})

test('a class whose Redis and processes are gone is rebuilt from Postgres; seq does not go down', async () => {
  const first = await stores.start()
  const { classId, followed } = await createTestClass(first)
  await first.submit(classId, toRegister('t', 'teacher'))
  await first.submit(classId, by('t', { name: 'class:start' }, 'start-1'))
  const before = followed.state
  await first.close()
  await stores.raw.flushall()
  const second = await stores.start()
  const rebuilt = await second.follow(classId)
  expect(rebuilt?.head.epoch).toBe(2)
  expect(rebuilt?.head.seq).toBeGreaterThan(before.seq)
  expect({ ...rebuilt?.state, seq: 0 }).toEqual({ ...before, seq: 0 })
  // Also what was answered is remembered.
  const again = await second.submit(classId, by('t', { name: 'class:start' }, 'start-1'))
  expect(again).toEqual({ ok: true, seq: 3, facts: [] })
  const next = await second.submit(classId, toRegister('s'))
  expect(next.ok && next.seq).toBeGreaterThan(before.seq)
  await archived(classId, next.ok ? next.seq : Number.POSITIVE_INFINITY)
})

test('a Redis that lost its tail goes on from the leader that remembers it, under a new epoch', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId, followed } = await createTestClass(first)
  const elsewhere = await second.follow(classId)
  for (let i = 0; i < 3; i++) await first.submit(classId, toRegister(`p${i}`))
  const restore = await copy(classId)
  for (let i = 3; i < 6; i++) await first.submit(classId, toRegister(`p${i}`))
  await restore()
  expect(await first.submit(classId, toRegister('next'))).toMatchObject({ ok: true, seq: 8 })
  expect(followed.head.epoch).toBe(2)
  expect(followed.state.people.size).toBe(7)
  await eventually('the follower is there too', () => elsewhere?.head.seq === 8)
  expect(elsewhere?.state).toEqual(followed.state)
  await archived(classId, 8)
  const { rows } = await stores.db.query(
    'select epoch, seq from class_facts where class_id = $1 order by epoch, seq',
    [classId],
  )
  expect(rows.map((row) => `${row.epoch}-${row.seq}`)).toEqual([
    '1-1',
    '1-2',
    '1-3',
    '1-4',
    '1-5',
    '1-6',
    '1-7',
    '2-8',
  ])
})

test('a Redis that lost its tail and everybody who remembered it goes on from Postgres', async () => {
  const first = await stores.start()
  const { classId } = await createTestClass(first)
  await first.submit(classId, toRegister('a'))
  const restore = await copy(classId)
  await first.submit(classId, toRegister('b'))
  await first.close()
  await restore()
  const second = await stores.start({ timing: { caretakerMs: 60_000 } })
  const followed = await second.follow(classId)
  expect(followed?.state.people.size).toBe(1)
  const seen = followed && watch(followed)
  const next = await second.submit(classId, toRegister('c'))
  expect(next.ok && next.seq).toBeGreaterThan(3)
  expect(seen?.epochs).toEqual([2])
  expect(followed?.state.people.size).toBe(3)
})

test('where Redis has gone another way, what was committed there counts', async () => {
  const first = await stores.start()
  const { classId, followed } = await createTestClass(first)
  await first.submit(classId, toRegister('a'))
  await archived(classId, 2)
  const { log, head } = keysOf(classId)
  const fact = { type: 'person.registered', personId: 'other', name: 'O', role: 'student', language: 'en' }
  await stores.raw
    .multi()
    .xtrim(log, 'MAXLEN', 1)
    .del(log)
    .xadd(log, '1-0', 'f', JSON.stringify((await followed.factsAfter(1, 0))?.[0]), 'n', 'first')
    .xadd(log, '2-0', 'f', JSON.stringify({ ...fact, seq: 2, at: first.now(), v: 1 }), 'n', 'other')
    .hset(head, 'seq', 2, 'nonce', 'other')
    .exec()
  const next = await first.submit(classId, toRegister('b'))
  expect(next).toMatchObject({ ok: true, seq: 3 })
  expect(followed.head.epoch).toBe(2)
  const people = [...rowsOf(followed.state.people)].map(({ personId }) => personId)
  expect(people.sort()).toEqual(['b', 'other'])
})

test('where the archive knows another history than Redis, a new epoch goes on above both', async () => {
  const first = await stores.start()
  const { classId } = await createTestClass(first)
  await first.submit(classId, toRegister('a'))
  const restore = await copy(classId)
  await first.submit(classId, toRegister('b'))
  await first.submit(classId, toRegister('c'))
  await first.close()
  await restore()
  const archive = createFactArchive(stores.db)
  let away = true
  const second = await stores.start({
    archive: {
      ...archive,
      findPosition: (id) => (away ? Promise.reject(new Error('away')) : archive.findPosition(id)),
    },
  })
  expect(await second.submit(classId, toRegister('d'))).toMatchObject({ ok: true, seq: 3 })
  expect(await second.submit(classId, toRegister('e'))).toMatchObject({ ok: true, seq: 4 })
  expect(await second.submit(classId, toRegister('f'))).toMatchObject({ ok: true, seq: 5 })
  away = false
  const followed = await second.follow(classId)
  await eventually('a new epoch', () => followed?.head.epoch === 2)
  expect(followed?.head.seq).toBe(5)
  const next = await second.submit(classId, toRegister('g'))
  expect(next).toMatchObject({ ok: true, seq: 6 })
  await archived(classId, 6)
  expect(await archive.loadEpochs(classId)).toMatchObject([{ head: { epoch: 2, seq: 5 } }])
})

test('a client can resume from Redis what this process has not in memory', async () => {
  const [first, second] = [await stores.start(), await stores.start()]
  const { classId, followed } = await createTestClass(first)
  for (let i = 0; i < 10; i++) await first.submit(classId, toRegister(`p${i}`))
  const elsewhere = await second.follow(classId)
  expect(await elsewhere?.factsAfter(1, 4)).toEqual(await followed.factsAfter(1, 4))
  expect(await elsewhere?.factsAfter(2, 4)).toBeNull()
  expect(await elsewhere?.factsAfter(1, 12)).toBeNull()
})

test('without Redis commands are refused as unavailable in a bounded time; with it they go on', async () => {
  const redis = await startGate(stores.redis.port)
  redis.close()
  const started = performance.now()
  const logs = await stores.start({
    redisUrl: redis.url,
    timing: { startPatienceMs: 200, redisPatienceMs: 300 },
  })
  expect(logs.status().redis).toBe('down')
  expect(await logs.submit('cls_x', toRegister('a'))).toMatchObject({ ok: false, kind: 'unavailable' })
  expect(performance.now() - started).toBeLessThan(4_000)
  redis.open()
  await eventually('Redis is up', () => logs.status().redis === 'up')
  const { classId } = await createTestClass(logs)
  redis.close()
  expect(await logs.submit(classId, toRegister('a'))).toMatchObject({ ok: false, kind: 'unavailable' })
  redis.open()
  await eventually('goes on', async () => (await logs.submit(classId, toRegister('a'))).ok)
  redis.stop()
})

test('commands sent while Redis blinks are carried out once', async () => {
  const redis = await startGate(stores.redis.port)
  const logs = await stores.start({ redisUrl: redis.url })
  const { classId, followed } = await createTestClass(logs)
  const outcomes = Promise.all(
    Array.from({ length: 400 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i))
      if (i === 200) redis.closeAtAnswer()
      if (i === 300) {
        // Also if nothing was answered until now.
        redis.close()
        redis.open()
      }
      return logs.submit(classId, toRegister(`p${i}`))
    }),
  )
  const answered = await outcomes
  redis.open()
  expect(answered.filter((outcome) => !outcome.ok)).toEqual([])
  expect(followed.state.people.size).toBe(400)
  expect(followed.head).toMatchObject({ epoch: 1, seq: 401 })
  redis.stop()
})

/** A way to Redis that can be shut: its connections break, and new ones are refused until it opens. */
async function startGate(port: number) {
  const sockets = new Set<Socket>()
  const upstreams = new Set<Socket>()
  let isOpen = true
  const server = createServer((client) => {
    if (!isOpen) return client.destroy()
    const upstream = connect(port, '127.0.0.1')
    upstreams.add(upstream)
    upstream.on('close', () => upstreams.delete(upstream))
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => {})
      from.on('close', () => {
        to.destroy()
        sockets.delete(from)
      })
    }
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  const close = () => {
    isOpen = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `redis://127.0.0.1:${address.port}`,
    open() {
      isOpen = true
    },
    close,
    /** As soon as Redis has answered somebody, and nobody hears what. */
    closeAtAnswer() {
      for (const upstream of upstreams) {
        upstream.unpipe()
        upstream.once('data', close)
        upstream.resume()
      }
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
