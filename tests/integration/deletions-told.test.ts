import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRetention } from '../../egress/director/retention'
import { createDirectoryArchive } from '../../egress/origin/directory-archive'
import { createDiskKeeper } from '../../egress/origin/disk-keeper'
import { createMetrics } from '../../egress/origin/metrics'
import { createRecorder } from '../../egress/recording/recorder'
import { newId } from '../../server/ids'
import { connectRedis, untilReady } from '../../server/redis/connect'
import { keysOf, overRecordingsKey } from '../../server/redis/names'
import { testLogger } from '../support/class-rig'
import { startRedis, type TestRedis } from '../support/redis'

const WAIT = { timeout: 10_000 }
const HOUR_MS = 3_600_000
let server: TestRedis
let redis: Redis
let dir: string

beforeAll(async () => {
  server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  redis = connectRedis(server.url, testLogger)
  await untilReady(redis, WAIT.timeout)
  dir = await mkdtemp(join(tmpdir(), 'amphi-deletions-'))
}, 60_000)

afterAll(async () => {
  redis.disconnect()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
})

/** A recorded class of an hour ago, with something on the disk. */
async function keepClass(keepUntil?: number): Promise<string> {
  const classId = newId('cls')
  const file = join(dir, classId, 'recording', 'recording.mp4')
  await mkdir(join(dir, classId, 'recording'), { recursive: true })
  await writeFile(file, Buffer.alloc(8192))
  await utimes(file, (Date.now() - HOUR_MS) / 1000, (Date.now() - HOUR_MS) / 1000)
  const plan = { classId, ended: true, recorded: true, runs: [], keepUntil }
  await redis.set(keysOf(classId).plan, JSON.stringify(plan))
  return classId
}

/** Redis goes away while files are deleted: what is asked of it after that fails. */
async function failingAfterRemoval(): Promise<Redis> {
  const own = connectRedis(server.url, testLogger)
  await untilReady(own, WAIT.timeout)
  own.del = () => Promise.reject(new Error('Redis is away'))
  return own
}

const isToBeTold = async (classId: string) => (await redis.sismember(overRecordingsKey, classId)) === 1

test('a class that is deleted for the quota is told of, also when Redis goes away meanwhile', async () => {
  const classId = await keepClass()
  const failing = await failingAfterRemoval()
  const keeper = createDiskKeeper({
    archive: createDirectoryArchive(dir),
    redis: failing,
    metrics: createMetrics(),
    logger: testLogger,
    quotaBytes: 1,
    now: Date.now,
    onRemoved() {},
    lookMs: 50,
  })
  await expect.poll(() => existsSync(join(dir, classId)), WAIT).toBe(false)
  await keeper.close()
  failing.disconnect()
  expect(await isToBeTold(classId)).toBe(true)
})

test('a class whose days are over is told of, also when Redis goes away meanwhile', async () => {
  const classId = await keepClass(Date.now())
  const failing = await failingAfterRemoval()
  const recorder = createRecorder({
    redis: failing,
    broadcastDir: dir,
    processId: newId('prc'),
    now: Date.now,
    logger: testLogger,
    lookMs: 50,
  })
  await expect.poll(() => existsSync(join(dir, classId)), WAIT).toBe(false)
  await recorder.close()
  failing.disconnect()
  expect(await isToBeTold(classId)).toBe(true)
})

test('a deletion that the log cannot take yet is told later, also when Redis goes away at that moment', async () => {
  const classId = newId('cls')
  await redis.del(overRecordingsKey)
  await redis.sadd(overRecordingsKey, classId, newId('cls'))
  const told: string[] = []
  let tries = 0
  const retention = createRetention({
    redis,
    async submit(asked) {
      tries += 1
      if (tries === 1) {
        await server.kill()
        return { ok: false }
      }
      told.push(asked)
      return { ok: true }
    },
    logger: testLogger,
    lookMs: 50,
  })
  await expect.poll(() => tries, WAIT).toBeGreaterThan(0)
  await server.restart()
  await untilReady(redis, WAIT.timeout)
  await expect.poll(() => redis.scard(overRecordingsKey).catch(() => null), WAIT).toBe(0)
  retention.stop()
  expect(new Set(told).size).toBe(2)
  expect(told).toContain(classId)
}, 30_000)
