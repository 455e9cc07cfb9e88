import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { newId } from '../../server/ids'
import { type ClassLogs, createClassLogs } from '../../server/log/class-logs'
import type { Timing } from '../../server/log/timing'
import { keysOf } from '../../server/redis/names'
import { createTestClass, quick, silent, toRegister } from '../support/class-processes'
import { createMemoryArchive } from '../support/memory-archive'
import { RedisOnDisk } from './redis-on-disk'

let redis: RedisOnDisk
const processes: ClassLogs[] = []

beforeAll(async () => {
  redis = await RedisOnDisk.start()
})
afterEach(async () => {
  await Promise.all(processes.splice(0).map((logs) => logs.close()))
})
afterAll(() => redis?.stop())

/** A process whose archive nobody else reads: of what Redis loses nothing is known elsewhere. */
async function start(timing: Partial<Timing> = {}): Promise<ClassLogs> {
  const archive = createMemoryArchive()
  const logs = await createClassLogs({
    ...{ redisUrl: redis.url, archive, logger: silent, newId },
    timing: { ...quick, ...timing },
  })
  processes.push(logs)
  return logs
}

test('a tail that Redis lost with everybody who knew it shows as a new epoch, above all numbers it had', async () => {
  const first = await start()
  const { classId } = await createTestClass(first)
  await first.submit(classId, toRegister('a'))
  const kept = await redis.keep()
  const lost = await first.submit(classId, toRegister('b'))
  await redis.restart(kept, () => first.close())
  const second = await start()
  const next = await second.submit(classId, toRegister('c'))
  expect(lost.ok && next.ok && next.seq > lost.seq).toBe(true)
  expect((await second.follow(classId))?.head.epoch).toBe(2)
})

test('a history whose last leader went in order is whole, though Redis was restarted since', async () => {
  const first = await start()
  const { classId } = await createTestClass(first)
  await first.submit(classId, toRegister('a'))
  await first.close()
  await redis.restart('as it was')
  const second = await start()
  expect(await second.submit(classId, toRegister('b'))).toMatchObject({ ok: true, seq: 3 })
  expect((await second.follow(classId))?.head.epoch).toBe(1)
})

test('a leader that lives through a restart of Redis vouches for it to those who come after', async () => {
  // Also when Redis is away for longer than a quick lease: whether it runs out meanwhile is another matter.
  const first = await start({ leaseMs: 60_000 })
  const { classId, followed } = await createTestClass(first)
  await first.submit(classId, toRegister('a'))
  const runs = async () => {
    const raw = new Redis(redis.url)
    const [known, info] = await Promise.all([raw.hget(keysOf(classId).head, 'run'), raw.info('server')])
    raw.disconnect()
    return { known, is: /run_id:(\w+)/.exec(info)?.[1] }
  }
  const before = await runs()
  expect(before.known).toBe(before.is)
  await redis.restart('as it was')
  await expect.poll(async () => (await runs()).known).not.toBe(before.known)
  expect((await runs()).known).toBe((await runs()).is)
  expect(followed.head.epoch).toBe(1)
})
