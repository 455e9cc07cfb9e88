import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { EgressClient } from 'livekit-server-sdk'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createDirector, type Director } from '../../egress/director/director'
import { pacings } from '../../egress/director/pacing'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin, type Origin } from '../../egress/origin/origin'
import type { BroadcastPlan } from '../../egress/plan'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { ClassState } from '../../server/classroom/state'
import { newId } from '../../server/ids'
import { createRooms } from '../../server/livekit/rooms'
import type { ClassLogs } from '../../server/log/class-logs'
import { createTokens } from '../../server/people/tokens'
import { type Bus, createBus } from '../../server/redis/bus'
import { connectRedis } from '../../server/redis/connect'
import { keysOf } from '../../server/redis/names'
import { type ClassRig, startClass, startLogs, testLogger } from '../support/class-rig'
import { buildStandIn, type StandIn, type StandInMode, startStandIn } from '../support/egress-stand-in'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { startRedis, type TestRedis } from '../support/redis'
import { startWorker, type TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 120_000
const WAIT_MS = 60_000
/** So long nothing works, before something does. */
const TROUBLE_MS = 5_000

let redis: TestRedis
let store: Redis
let bus: Bus
let livekit: TestLivekit
let logs: ClassLogs
let director: Director
let origin: Origin
let broadcastDir: string
let standInProgram: string
const standIns: StandIn[] = []
const workers: TestWorker[] = []

beforeAll(async () => {
  standInProgram = await buildStandIn()
  broadcastDir = await mkdtemp(join(tmpdir(), 'amphi-broadcast-'))
  redis = await startRedis()
  store = connectRedis(redis.url, testLogger)
  bus = createBus(connectRedis(redis.url, testLogger), testLogger)
  livekit = await startLivekit(redis.url)
  logs = await startLogs(redis.url)
  const now = () => logs.now()
  origin = await createOrigin({
    redisUrl: redis.url,
    source: createDirectorySource(broadcastDir),
    tokens: createTokens(['a-secret-key-for-tests'], now),
    logger: testLogger,
    port: 0,
    now,
  })
  director = createDirector({
    redis: store,
    bus,
    livekit,
    engine: 'worker',
    pacing: { ...pacings.worker, startMs: 4_000 },
    broadcastDir,
    ensureRoom: createRooms(livekit).ensure,
    submit: (classId, envelope) => logs.submit(classId, envelope),
    now,
    newRunId: () => newId('run'),
    retentionDays: 0,
    logger: testLogger,
  })
  logs.onLead((followed) => director.attach(followed))
}, START_MS)

afterEach(async () => {
  for (const worker of workers.splice(0)) {
    worker.resume()
    await worker.kill()
  }
  await Promise.all(standIns.splice(0).map((standIn) => standIn.kill()))
})

afterAll(async () => {
  director?.close()
  await logs?.close()
  await origin?.close()
  await livekit?.stop()
  store?.disconnect()
  bus?.close()
  await redis?.stop()
  await rm(broadcastDir, { recursive: true, force: true })
}, START_MS)

const isOn = (state: ClassState) => state.broadcast.state === 'on'

async function stand(mode: StandInMode): Promise<StandIn> {
  const standIn = await startStandIn(standInProgram, redis.url, mode)
  standIns.push(standIn)
  return standIn
}

async function work(): Promise<TestWorker> {
  const worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir })
  workers.push(worker)
  return worker
}

/** A class that somebody watches. */
async function watched(): Promise<ClassRig> {
  const rig = await startClass(logs, { seats: 0 })
  await rig.enter('per_o', 'student')
  return rig
}

async function end(rig: ClassRig): Promise<void> {
  await rig.as('per_teacher', { name: 'class:end' })
  await rig.until(({ broadcast }) => broadcast.state === 'off')
}

async function letTimePass(ms: number): Promise<void> {
  const over = performance.now() + ms
  await waitUntil(async () => performance.now() > over, 2 * ms)
}

test.each(['refuse', 'fail', 'die', 'silent'] as const)(
  'an engine that does "%s" is asked again at growing intervals, until one works',
  async (mode) => {
    const standIn = await stand(mode)
    const asked = director.acts.start + director.acts.order
    const rig = await watched()
    await letTimePass(TROUBLE_MS)
    expect(isOn(rig.followed.state)).toBe(false)
    expect(rig.followed.state.broadcast.state).toBe('starting')
    const tries = director.acts.start + director.acts.order - asked
    expect(tries).toBeGreaterThanOrEqual(1)
    // 0, 0.5, 1.5 and 3.5 s, each of them an order or a start
    expect(tries).toBeLessThanOrEqual(6)
    await standIn.kill()
    await work()
    const { broadcast } = await rig.until(isOn)
    expect(broadcast.runs.at(-1)?.base).toBe(0)
    await end(rig)
  },
  TEST_MS,
)

test(
  'a run that comes back from the dead is stopped, and what it writes meanwhile is not part of the broadcast',
  async () => {
    const first = await work()
    const rig = await watched()
    const { runId } = (await rig.until(isOn)).broadcast.runs[0] ?? { runId: '' }
    first.pause()
    await work()
    // LiveKit goes on to call it active.
    const listed = () =>
      new EgressClient(livekit.url, livekit.apiKey, livekit.apiSecret).listEgress({
        roomName: rig.classId,
        active: true,
      })
    const { broadcast } = await rig.until((state) => state.broadcast.runs.length === 2 && isOn(state))
    expect(await listed()).toHaveLength(2)
    const frozen = broadcast.runs[0]?.end
    const journal = join(broadcastDir, rig.classId, runId, 'journal.ndjson')
    const before = (await readFile(journal, 'utf8')).length
    first.resume()
    expect(await waitUntil(async () => (await listed()).length === 1, WAIT_MS)).toBe(true)
    // It may have written on: nobody counts it.
    expect((await readFile(journal, 'utf8')).length).toBeGreaterThanOrEqual(before)
    const plan: BroadcastPlan = JSON.parse((await store.get(keysOf(rig.classId).plan)) ?? '')
    expect(plan.runs[0]).toEqual({ runId, base: 0, end: frozen })
    expect(rig.followed.state.broadcast.runs).toHaveLength(2)
    await end(rig)
  },
  TEST_MS,
)

test(
  'people are told that the broadcast is being restarted from the death of its run to the next picture',
  async () => {
    const first = await work()
    const rig = await watched()
    await rig.until(isOn)
    await first.kill()
    await work()
    const restarting = await rig.until(({ broadcast }) => broadcast.state === 'restarting')
    expect(restarting.broadcast.runs.at(-1)?.base).toBeGreaterThan(0)
    await rig.until(isOn)
    await end(rig)
  },
  TEST_MS,
)
