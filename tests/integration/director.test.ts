import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { EgressClient } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEgresses } from '../../egress/director/egresses'
import { pacings } from '../../egress/director/pacing'
import type { BroadcastPlan } from '../../egress/plan'
import { parseHealth } from '../../egress/run-health'
import { waitUntil } from '../../scripts/stack/wait-until'
import { toMediaRights } from '../../server/classroom/media-rights'
import type { ClassState } from '../../server/classroom/state'
import { newId } from '../../server/ids'
import { createLivekitTokens } from '../../server/livekit/tokens'
import { keysOf } from '../../server/redis/names'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass, startLogs } from '../support/class-rig'
import { joinRoom, startBrowser } from '../support/livekit-page'
import type { TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 60_000
const WAIT_MS = 60_000
/** With more patience than in earnest: a machine that stands still for seconds shall not make a run look dead. */
const PACING = { ...pacings.worker, staleMs: 10_000, requestMs: 15_000 }
/** Longer than a run may be silent. */
const ORIGIN_AWAY_MS = PACING.staleMs + 2_000
/** Two seconds of Chromium's fake camera are 130 kB, of a repeated picture 5 kB. */
const STILL_PICTURE_BYTES = 40_000

let parts: BroadcastParts
let browser: Browser
let worker: TestWorker | undefined

beforeAll(async () => {
  parts = await startBroadcastParts({ pacing: PACING })
  browser = await startBrowser()
}, START_MS)

afterAll(async () => {
  await browser?.close()
  await worker?.stop()
  await parts?.stop()
}, START_MS)

const isOn = (state: ClassState) => state.broadcast.state === 'on'

async function end(rig: ClassRig, page: Page): Promise<void> {
  await rig.as('per_teacher', { name: 'class:end' })
  await rig.until((after) => after.broadcast.state === 'off')
  await page.close()
}

async function teach(rig: ClassRig): Promise<Page> {
  const { state } = rig.followed
  const token = await createLivekitTokens(parts.livekit).mint({
    classId: rig.classId,
    person: { personId: 'per_teacher', name: 'Teacher' },
    rights: toMediaRights(state, 'per_teacher'),
    language: 'en',
    settings: state.settings,
  })
  const page = await joinRoom(browser, parts.livekit.url, token)
  await page.evaluate(() => window.room.localParticipant.enableCameraAndMicrophone())
  return page
}

async function readPlan(classId: string): Promise<BroadcastPlan> {
  return JSON.parse((await parts.store.get(keysOf(classId).plan)) ?? 'null')
}

const listActive = (classId: string) =>
  new EgressClient(parts.livekit.url, parts.livekit.apiKey, parts.livekit.apiSecret).listEgress({
    roomName: classId,
    active: true,
  })

async function readHealth(rig: ClassRig, runId: string) {
  return parseHealth(await parts.store.hget(keysOf(rig.classId).health, runId))
}

test(
  'a broadcast starts for the first student in overflow, survives the death of its worker, and ends with the class',
  async () => {
    worker = await parts.startWorker()
    const rig = await startClass(parts.logs, { seats: 1 })
    const page = await teach(rig)
    expect(await readPlan(rig.classId)).toMatchObject({ ended: false, runs: [] })

    await rig.enter('per_s', 'student')
    await rig.enter('per_o', 'student')
    const first = await rig.until(isOn)
    const [run] = first.broadcast.runs
    if (!run) throw new Error('no run')
    const shown = await rig.until(({ broadcast }) => broadcast.pictures?.main?.personId === 'per_teacher')
    expect(shown.broadcast.pictures).toMatchObject({
      runId: run.runId,
      main: { source: 'camera' },
      aside: null,
    })

    // some seconds of it
    const isLonger = async () => ((await readHealth(rig, run.runId))?.segments ?? 0) >= 3
    expect(await waitUntil(isLonger, WAIT_MS)).toBe(true)
    await worker.kill()
    worker = await parts.startWorker()
    const second = await rig.until((state) => state.broadcast.runs.length >= 2 && isOn(state))

    const frozen = await readHealth(rig, run.runId)
    // Its process is missed, not its parts.
    const missedMs = (second.broadcast.runs[1]?.orderedAt ?? 0) - (frozen?.seenAt ?? 0)
    expect(missedMs).toBeLessThan(PACING.staleMs)
    const { runs } = await readPlan(rig.classId)
    expect(runs[0]).toEqual({
      runId: run.runId,
      base: 0,
      end: { segments: frozen?.segments, lastParts: frozen?.parts },
    })
    expect(runs.at(-1)?.base).toBe(frozen?.segments)
    expect(runs.at(-1)?.end).toBeUndefined()

    const last = runs.at(-1)?.runId ?? ''
    await rig.as('per_teacher', { name: 'class:end' })
    await rig.until((state) => state.broadcast.state === 'off')
    expect(await waitUntil(async () => (await readPlan(rig.classId)).ended, WAIT_MS)).toBe(true)
    expect((await readPlan(rig.classId)).runs.every(({ end }) => end !== undefined)).toBe(true)
    const journal = await readFile(join(parts.broadcastDir, rig.classId, last, 'journal.ndjson'), 'utf8')
    expect(JSON.parse(journal.trim().split('\n').at(-1) ?? '')).toEqual({ t: 'end', reason: 'stopped' })
    await page.close()
  },
  TEST_MS,
)

test(
  'a run that no worker is there for begins as soon as there is one, without another run in the log',
  async () => {
    await worker?.stop()
    const rig = await startClass(parts.logs, { seats: 0 })
    const page = await teach(rig)
    await rig.enter('per_o', 'student')
    await rig.until((state) => state.broadcast.state === 'starting')
    const { start, order } = parts.director.acts
    expect(order).toBeGreaterThan(0)
    worker = await parts.startWorker()
    const state = await rig.until(isOn)
    expect(state.broadcast.runs).toHaveLength(1)
    expect(parts.director.acts).toMatchObject({ start: start + 1, order })
    await end(rig, page)
  },
  TEST_MS,
)

test(
  'an egress that writes for the class and is not its newest run is stopped',
  async () => {
    worker ??= await parts.startWorker()
    const rig = await startClass(parts.logs, { seats: 0 })
    const page = await teach(rig)
    const egresses = createEgresses({
      livekit: parts.livekit,
      broadcastDir: parts.broadcastDir,
      ...PACING,
    })
    expect(await egresses.start(rig.classId, 'run_stray')).toBe('accepted')
    await rig.enter('per_o', 'student')
    const state = await rig.until(isOn)
    const { runId } = state.broadcast.runs.at(-1) ?? { runId: '' }
    const isAlone = async () => {
      const active = await egresses.listActive(rig.classId)
      return active.length === 1 && active[0]?.runId === runId
    }
    expect(await waitUntil(isAlone, WAIT_MS)).toBe(true)
    await rig.as('per_teacher', { name: 'class:end' })
    await rig.until((after) => after.broadcast.state === 'off')
    expect(await waitUntil(async () => (await listActive(rig.classId)).length === 0, WAIT_MS)).toBe(true)
    await page.close()
  },
  TEST_MS,
)

test(
  'an egress that ends by itself is replaced',
  async () => {
    worker ??= await parts.startWorker()
    const rig = await startClass(parts.logs, { seats: 0 })
    const page = await teach(rig)
    await rig.enter('per_o', 'student')
    await rig.until(isOn)
    const [egress] = await listActive(rig.classId)
    await new EgressClient(parts.livekit.url, parts.livekit.apiKey, parts.livekit.apiSecret).stopEgress(
      egress?.egressId ?? '',
    )
    // the webhook
    parts.director.nudge(rig.classId)
    await rig.until((state) => state.broadcast.runs.length === 2 && isOn(state))
    await end(rig, page)
  },
  TEST_MS,
)

test(
  'a run is not given up for dead while no origin is there to see it',
  async () => {
    worker ??= await parts.startWorker()
    const rig = await startClass(parts.logs, { seats: 0 })
    const page = await teach(rig)
    await rig.enter('per_o', 'student')
    const { runId } = (await rig.until(isOn)).broadcast.runs[0] ?? { runId: '' }
    await parts.origin.close()
    const before = (await readHealth(rig, runId))?.segments ?? 0
    const awayUntil = performance.now() + ORIGIN_AWAY_MS
    expect(await waitUntil(async () => performance.now() > awayUntil, WAIT_MS)).toBe(true)
    parts.origin = await parts.startOrigin()
    const goesOn = async () => ((await readHealth(rig, runId))?.segments ?? 0) >= before + 4
    expect(await waitUntil(goesOn, WAIT_MS)).toBe(true)
    expect(rig.followed.state.broadcast.runs).toHaveLength(1)
    await end(rig, page)
  },
  TEST_MS,
)

test(
  'another process takes over the broadcast without a break',
  async () => {
    worker ??= await parts.startWorker()
    const dyingLogs = await startLogs(parts.redis.url)
    const dying = parts.direct(dyingLogs)
    const there = await startClass(dyingLogs, { seats: 0 })
    const page = await teach(there)
    await there.enter('per_o', 'student')
    const before = await there.until(isOn)
    const { runId } = before.broadcast.runs[0] ?? { runId: '' }
    dying.close()
    await dyingLogs.close()

    const followed = await parts.logs.follow(there.classId)
    if (!followed) throw new Error('the class is gone')
    expect(await waitUntil(async () => followed.leading, WAIT_MS)).toBe(true)
    const tookOver = (await readHealth(there, runId))?.segments ?? 0
    const goesOn = async () => ((await readHealth(there, runId))?.segments ?? 0) >= tookOver + 3
    expect(await waitUntil(goesOn, WAIT_MS)).toBe(true)
    expect(followed.state.broadcast.runs.map((run) => run.runId)).toEqual([runId])

    const end = { name: 'class:end' } as const
    await parts.logs.submit(there.classId, { id: newId('cmd'), by: { kind: 'api' }, command: end })
    expect(await waitUntil(async () => followed.state.broadcast.state === 'off', WAIT_MS)).toBe(true)
    await page.close()
  },
  TEST_MS,
)

test(
  'the broadcast shows the teacher again after LiveKit was killed and restarted',
  async () => {
    worker ??= await parts.startWorker()
    const rig = await startClass(parts.logs, { seats: 0 })
    const page = await teach(rig)
    await rig.enter('per_o', 'student')
    await rig.until(isOn)
    await parts.livekit.kill()
    await parts.livekit.restart()
    const back = parts.logs.now()
    const isShown = async () => (await findPictures(rig)).some(({ pdt }) => pdt > back)
    expect(await waitUntil(isShown, WAIT_MS)).toBe(true)
    expect(isOn(rig.followed.state)).toBe(true)
    await end(rig, page)
  },
  TEST_MS,
)

/** Segments of the newest run that hold more than a still picture. */
async function findPictures(rig: ClassRig): Promise<{ pdt: number }[]> {
  const { runId } = rig.followed.state.broadcast.runs.at(-1) ?? { runId: '' }
  const text = await readFile(join(parts.broadcastDir, rig.classId, runId, 'journal.ndjson'), 'utf8')
  const lines = text.trimEnd().split('\n')
  const segments = lines.filter((line) => line.startsWith('{"t":"segment","variant":"main"'))
  return segments.map((line) => JSON.parse(line)).filter(({ size }) => size > STILL_PICTURE_BYTES)
}
