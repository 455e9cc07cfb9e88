import { EgressClient } from 'livekit-server-sdk'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Director } from '../../egress/director/director'
import { pacings } from '../../egress/director/pacing'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { ClassState } from '../../server/classroom/state'
import type { ClassLogs } from '../../server/log/class-logs'
import { keysOf } from '../../server/redis/names'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass, startLogs } from '../support/class-rig'
import type { TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 60_000
const WAIT_MS = 60_000
/** With more patience than in earnest: a machine that stands still for seconds shall not make a run look dead. */
const PACING = { ...pacings.worker, staleMs: 10_000, requestMs: 15_000 }
/** Longer than a director that leads takes to replace a run whose worker has died, also by its silence alone. */
const IDLE_MS = PACING.staleMs + 2_000

let parts: BroadcastParts
let worker: TestWorker
/** Another process, with a director of its own. */
let elsewhere: { logs: ClassLogs; director: Director }

beforeAll(async () => {
  parts = await startBroadcastParts({ pacing: PACING })
  const logs = await startLogs(parts.redis.url)
  elsewhere = { logs, director: parts.direct(logs) }
}, START_MS)

afterEach(() => worker?.kill())

afterAll(async () => {
  elsewhere?.director.close()
  await elsewhere?.logs.close()
  await parts?.stop()
}, START_MS)

const isOn = (state: ClassState) => state.broadcast.state === 'on'
const countActs = () => [parts.director.acts, elsewhere.director.acts].map((acts) => ({ ...acts }))

/** A class that somebody watches, led here, with a director in both processes. */
async function watchedBoth(): Promise<ClassRig> {
  worker = await parts.startWorker()
  const rig = await startClass(parts.logs, { seats: 0 })
  const followed = await elsewhere.logs.follow(rig.classId)
  if (!followed) throw new Error('the class is not there')
  // As if it had led: a director stays with the class when the lead is lost.
  elsewhere.director.attach(followed)
  await rig.enter('per_o', 'student')
  return rig
}

const listActive = (classId: string) =>
  new EgressClient(parts.livekit.url, parts.livekit.apiKey, parts.livekit.apiSecret).listEgress({
    roomName: classId,
    active: true,
  })

async function letTimePass(ms: number): Promise<void> {
  const over = performance.now() + ms
  await waitUntil(async () => performance.now() > over, 2 * ms)
}

async function end(rig: ClassRig): Promise<void> {
  await rig.as('per_teacher', { name: 'class:end' })
  await rig.until(({ broadcast }) => broadcast.state === 'off')
}

test(
  'of two directors on one class, the one whose process does not lead does nothing at all',
  async () => {
    const [, before] = countActs()
    const rig = await watchedBoth()
    await rig.until(isOn)
    elsewhere.director.nudge(rig.classId)
    await letTimePass(1_000)
    expect(await listActive(rig.classId)).toHaveLength(1)
    await end(rig)
    expect(countActs()[1]).toEqual(before)
    expect(rig.followed.state.broadcast.runs).toHaveLength(1)
  },
  TEST_MS,
)

test(
  'a director whose process lost the lead and lives acts no more, until somebody leads again',
  async () => {
    const rig = await watchedBoth()
    await rig.until(isOn)
    const { lease } = keysOf(rig.classId)
    await parts.store.set(lease, 'prc_stranger|999', 'PX', TEST_MS)
    expect(await waitUntil(async () => !rig.followed.leading, WAIT_MS)).toBe(true)
    const before = countActs()
    await worker.kill()
    worker = await parts.startWorker()
    parts.director.nudge(rig.classId)
    await letTimePass(IDLE_MS)
    expect(countActs()).toEqual(before)
    expect(rig.followed.state.broadcast.runs).toHaveLength(1)

    await parts.store.del(lease)
    const { broadcast } = await rig.until((state) => state.broadcast.runs.length > 1 && isOn(state))
    expect(broadcast.runs).toHaveLength(2)
    const orders = (all: { order: number }[]) => all.reduce((sum, { order }) => sum + order, 0)
    expect(orders(countActs()) - orders(before)).toBe(1)
    await end(rig)
  },
  TEST_MS,
)

test(
  'the broadcast of a class that ends as its process does is wound up by another',
  async () => {
    worker = await parts.startWorker()
    const dyingLogs = await startLogs(parts.redis.url)
    const dying = parts.direct(dyingLogs)
    const rig = await startClass(dyingLogs, { seats: 0 })
    await rig.enter('per_o', 'student')
    await rig.until(isOn)
    dying.close()
    await rig.as('per_teacher', { name: 'class:end' })
    await dyingLogs.close()

    const followed = await parts.logs.follow(rig.classId)
    expect(await waitUntil(async () => followed?.state.broadcast.state === 'off', WAIT_MS)).toBe(true)
    expect(followed?.state.broadcast.runs.every(({ end }) => (end?.segments ?? 0) > 0)).toBe(true)
    expect(await waitUntil(async () => (await listActive(rig.classId)).length === 0, WAIT_MS)).toBe(true)
    const isPlanned = async () =>
      JSON.parse((await parts.store.get(keysOf(rig.classId).plan)) ?? 'null')?.ended === true
    expect(await waitUntil(isPlanned, WAIT_MS)).toBe(true)
  },
  TEST_MS,
)
