import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EgressClient } from 'livekit-server-sdk'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { pacings } from '../../egress/director/pacing'
import type { BroadcastPlan } from '../../egress/plan'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { ClassState } from '../../server/classroom/state'
import { keysOf } from '../../server/redis/names'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass } from '../support/class-rig'
import { buildStandIn, type StandIn, type StandInMode, startStandIn } from '../support/egress-stand-in'
import type { TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 120_000
const WAIT_MS = 60_000
/** So long nothing works, before something does. */
const TROUBLE_MS = 5_000

let parts: BroadcastParts
let standInProgram: string
const standIns: StandIn[] = []
const workers: TestWorker[] = []

beforeAll(async () => {
  standInProgram = await buildStandIn()
  // A machine that stands still for seconds shall not make a run look dead.
  const pacing = { ...pacings.worker, startMs: 4_000, staleMs: 10_000 }
  parts = await startBroadcastParts({ pacing })
}, START_MS)

afterEach(async () => {
  for (const worker of workers.splice(0)) {
    worker.resume()
    await worker.kill()
  }
  await Promise.all(standIns.splice(0).map((standIn) => standIn.kill()))
})

afterAll(() => parts?.stop(), START_MS)

const isOn = (state: ClassState) => state.broadcast.state === 'on'

async function stand(mode: StandInMode): Promise<StandIn> {
  const standIn = await startStandIn(standInProgram, parts.redis.url, mode)
  standIns.push(standIn)
  return standIn
}

async function work(): Promise<TestWorker> {
  const worker = await parts.startWorker()
  workers.push(worker)
  return worker
}

/** A class that somebody watches. */
async function watched(): Promise<ClassRig> {
  const rig = await startClass(parts.logs, { seats: 0 })
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
    const asked = parts.director.acts.start + parts.director.acts.order
    const rig = await watched()
    await letTimePass(TROUBLE_MS)
    expect(isOn(rig.followed.state)).toBe(false)
    expect(rig.followed.state.broadcast.state).toBe('starting')
    const tries = parts.director.acts.start + parts.director.acts.order - asked
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
      new EgressClient(parts.livekit.url, parts.livekit.apiKey, parts.livekit.apiSecret).listEgress({
        roomName: rig.classId,
        active: true,
      })
    const { broadcast } = await rig.until((state) => state.broadcast.runs.length === 2 && isOn(state))
    expect(await listed()).toHaveLength(2)
    const frozen = broadcast.runs[0]?.end
    const journal = join(parts.broadcastDir, rig.classId, runId, 'journal.ndjson')
    const before = (await readFile(journal, 'utf8')).length
    first.resume()
    expect(await waitUntil(async () => (await listed()).length === 1, WAIT_MS)).toBe(true)
    // It may have written on: nobody counts it.
    expect((await readFile(journal, 'utf8')).length).toBeGreaterThanOrEqual(before)
    const plan: BroadcastPlan = JSON.parse((await parts.store.get(keysOf(rig.classId).plan)) ?? '')
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
    const told = rig.until(({ broadcast }) => broadcast.state === 'restarting')
    await first.kill()
    await work()
    const restarting = await told
    expect(restarting.broadcast.runs.at(-1)?.base).toBeGreaterThan(0)
    await rig.until(isOn)
    await end(rig)
  },
  TEST_MS,
)
