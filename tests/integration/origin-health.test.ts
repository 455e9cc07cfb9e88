import Redis from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createBoard } from '../../egress/director/board'
import { createPlanWriter } from '../../egress/director/plan-writer'
import { type RunHealth, toClosedName } from '../../egress/run-health'
import { defaultSettings } from '../../server/classroom/settings'
import { emptyClass } from '../../server/classroom/state'
import type { FollowedClass } from '../../server/log/followed-class'
import { createBus } from '../../server/redis/bus'
import { keysOf } from '../../server/redis/names'
import { testLogger } from '../support/class-rig'
import { createOriginRig, type OriginRig } from '../support/origin'
import { recordTapes, type Tape } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

/** `HEALTH_INTERVAL_MS` of the origin. */
const INTERVAL_MS = 500
const START = Date.parse('2025-11-23T10:00:00.000Z')
let rig: OriginRig
let tapes: Tape[]

beforeAll(async () => {
  ;[rig, tapes] = await Promise.all([createOriginRig(), recordTapes(10)])
})
/** All are told of every class: one that went on would tell of the next test's too. */
afterEach(() => rig.closeOrigins())
afterAll(() => rig.stop())

async function openClass() {
  const { classId, runId } = rig.newClass()
  const worker = createTapeWorker(rig.dir, classId, runId(1), tapes, START)
  const plan = { classId, ended: false, recorded: true, runs: [{ runId: runId(1), base: 0 }] }
  const health = async (): Promise<RunHealth | null> => {
    const text = await rig.client.hget(keysOf(classId).health, runId(1))
    return text === null ? null : JSON.parse(text)
  }
  const reach = (segments: number, parts: number) =>
    expect.poll(health, { timeout: 10_000 }).toMatchObject({ segments, parts })
  return { classId, runId, worker, plan, health, reach }
}

test('[OHE1] health is told of a run that nobody watches, and it is exactly what is listed', async () => {
  const { worker, plan, health, reach, runId } = await openClass()
  await rig.start()
  await rig.setPlan(plan)
  worker.writeTo(1, 3)
  await reach(2, 3)
  const before = Date.now()
  worker.step()
  await reach(2, 4)
  const found = await health()
  expect(found).toMatchObject({ runId: runId(1), segments: 2, parts: 4 })
  expect(found?.seenAt).toBeGreaterThanOrEqual(before)
  expect(found?.seenAt).toBeLessThanOrEqual(Date.now())
  expect(found?.firstPartAt).toBeLessThanOrEqual(found?.seenAt ?? 0)
})

test('[OHE2] health is written at most every half second, and told of on its channel', async () => {
  const { classId, worker, plan, reach } = await openClass()
  const listener = new Redis(rig.redis.url)
  let heard = 0
  await listener.subscribe(keysOf(classId).health)
  listener.on('message', () => {
    heard += 1
  })
  await rig.start()
  const from = performance.now()
  await rig.setPlan(plan)
  for (let segment = 0; segment < 3; segment++) {
    worker.writeTo(segment, 5)
    await reach(segment + 1, 5)
  }
  listener.disconnect()
  expect(heard).toBeGreaterThan(1)
  expect(heard).toBeLessThanOrEqual(1 + Math.floor((performance.now() - from) / INTERVAL_MS))
})

test('[OHE3] an origin that starts late does not make a dead run look alive', async () => {
  const { worker, plan, health, reach } = await openClass()
  worker.writeTo(2, 3)
  await rig.setPlan(plan)
  await rig.start()
  await reach(3, 3)
  expect((await health())?.seenAt).toBeLessThan(START + 10_000)
})

test('[OHE4] an origin that is behind does not take back what another has listed', async () => {
  const { classId, runId, worker, plan, health, reach } = await openClass()
  const ahead = { runId: runId(1), segments: 9, parts: 1, lastPdt: START, seenAt: START }
  await rig.client.hset(keysOf(classId).health, runId(1), JSON.stringify(ahead))
  await rig.setPlan(plan)
  await rig.start()
  const reports = async () => rig.client.pttl(keysOf(classId).health)
  worker.writeTo(1, 3)
  await expect.poll(reports, { timeout: 10_000 }).toBeGreaterThan(0)
  await reach(9, 1)
  expect((await health())?.seenAt).toBe(START)
})

test('[OHE5] health tells whose picture is shown, as soon as the journal does', async () => {
  const { worker, plan, health, reach } = await openClass()
  await rig.start()
  await rig.setPlan(plan)
  worker.writeTo(1, 1)
  await reach(2, 1)
  expect(await health()).not.toHaveProperty('picture')
  const picture = { at: START + 2500, main: { personId: 'per_t', source: 'screen' }, aside: null }
  worker.writeRaw(`${JSON.stringify({ t: 'picture', ...picture })}\n`)
  worker.step()
  await reach(2, 2)
  expect(await health()).toMatchObject({ picture })
})

test('[OHE6] health tells that a journal has ended, although there is no new part', async () => {
  const { worker, plan, health, reach } = await openClass()
  await rig.start()
  await rig.setPlan(plan)
  worker.writeTo(1, 3)
  await reach(2, 3)
  expect(await health()).not.toHaveProperty('ended')
  worker.end()
  await expect.poll(health, { timeout: 10_000 }).toMatchObject({ segments: 2, parts: 3, ended: true })
})

test('[OHE7] of a run that is about to be frozen all is told at once, and nothing more is listed', async () => {
  const { classId, runId, worker, plan, health, reach } = await openClass()
  const { url } = await rig.start()
  await rig.setPlan(plan)
  worker.writeTo(1, 3)
  await reach(2, 3)
  const playlist = `${url}/${await rig.watchToken(classId)}/${classId}/main.m3u8`
  const listed = async () =>
    (await (await fetch(playlist)).text()).match(/main-1\.\d+\.m4s",IND|main-1\.\d+\.m4s"$/gm)
  const isClosed = async () => {
    const fields = await rig.client.hkeys(keysOf(classId).health)
    return fields.filter((name) => name.startsWith(toClosedName(runId(1), 'once', ''))).length
  }
  // Within the half second in which nothing would be told by itself.
  worker.step()
  await rig.setPlan({ ...plan, closing: runId(1), closingId: 'once' })
  await expect.poll(isClosed, { timeout: 10_000 }).toBe(1)
  expect(await health()).toMatchObject({ segments: 2, parts: 4 })
  const frozen = await listed()
  worker.step()
  // The journal's next line is there, and a plan with it: it is read, and kept back.
  const chapters = [{ at: START, title: 'Read by now' }]
  await rig.setPlan({ ...plan, closing: runId(1), closingId: 'once', chapters })
  await expect.poll(async () => (await fetch(playlist)).text(), { timeout: 10_000 }).toContain('Read by now')
  expect(await listed()).toEqual(frozen)
  expect(await health()).toMatchObject({ segments: 2, parts: 4 })
  await rig.setPlan(plan)
  await reach(2, 5)
})

test('[OHE8] of a run that is frozen before its first part nothing stays behind', async () => {
  const { classId, runId, plan } = await openClass()
  await rig.start()
  await rig.setPlan({ ...plan, closing: runId(1), closingId: 'once' })
  await expect.poll(() => rig.client.hlen(keysOf(classId).health), { timeout: 10_000 }).toBeGreaterThan(0)
  expect(await rig.client.pttl(keysOf(classId).health)).toBeGreaterThan(0)
})

test('[OHE9] a run that is closed a second time is waited for as it was the first time', async () => {
  const { classId, runId, worker, plan, health, reach } = await openClass()
  const { url } = await rig.start()
  const playlist = `${url}/${await rig.watchToken(classId)}/${classId}/main.m3u8`
  const listed = async () =>
    (await (await fetch(playlist)).text()).match(/main-1\.\d+\.m4s",IND|main-1\.\d+\.m4s"$/gm)
  const runs = [{ runId: runId(1), base: 0, orderedAt: 0 }]
  const state = { ...emptyClass(classId, defaultSettings), broadcast: { state: 'on', since: 0, runs } }
  const led = { classId, state, head: { epoch: 1, seq: 1, nonce: '' }, leading: true }
  const board = createBoard(rig.client, createBus(rig.client, testLogger))
  const writer = createPlanWriter(led as unknown as FollowedClass, board, 0, () => {})
  await rig.setPlan(plan)
  worker.writeTo(1, 3)
  await reach(2, 3)
  await writer.close(runId(1))
  writer.reopen()
  await writer.write()
  // The last within the half second in which it would not be told by itself.
  for (const _part of [4, 5]) {
    const before = (await listed())?.length ?? 0
    worker.step()
    await expect.poll(async () => (await listed())?.length, { timeout: 10_000, interval: 5 }).toBe(before + 1)
  }
  await writer.close(runId(1))
  expect(await health()).toMatchObject({ segments: 2, parts: 5 })
})
