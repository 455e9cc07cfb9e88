import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toPlan } from '../../egress/director/plan'
import { createRetention } from '../../egress/director/retention'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin, type Origin } from '../../egress/origin/origin'
import { createDownload } from '../../egress/recording/download'
import { createRecorder, type Recorder } from '../../egress/recording/recorder'
import { parseRecordingState } from '../../egress/recording-state'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { Fact } from '../../server/classroom/facts'
import { newId } from '../../server/ids'
import { keysOf } from '../../server/redis/names'
import { readMediaPlaylist } from '../protocol-checks/media-playlist'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass, testLogger } from '../support/class-rig'
import type { TestWorker } from '../support/worker'

const TEST_MS = 90_000
const START_MS = 60_000
const WAIT_MS = 30_000
const DAY_MS = 24 * 3_600_000
const RETENTION_DAYS = 30
let parts: BroadcastParts
let worker: TestWorker
let origin: Origin
let recorder: Recorder
let retention: ReturnType<typeof createRetention>
/** How much later it is for those who look after the files. */
let laterMs = 0

beforeAll(async () => {
  parts = await startBroadcastParts({ retentionDays: RETENTION_DAYS })
  worker = await parts.startWorker()
  const { store, broadcastDir, tokens, logs } = parts
  const now = () => logs.now() + laterMs
  origin = await createOrigin({
    redisUrl: parts.redis.url,
    source: createDirectorySource(broadcastDir),
    tokens,
    elsewhere: (redis) => createDownload({ redis, broadcastDir, tokens, now }).handle,
    logger: testLogger,
    port: 0,
    now,
  })
  recorder = createRecorder({
    redis: store,
    broadcastDir,
    processId: newId('prc'),
    now,
    logger: testLogger,
    lookMs: 100,
    reserveBytes: 0,
  })
  retention = createRetention({
    redis: store,
    submit: (classId, envelope) => logs.submit(classId, envelope),
    logger: testLogger,
    lookMs: 100,
  })
}, START_MS)

afterAll(async () => {
  retention?.stop()
  await recorder?.close()
  await origin?.close()
  await worker?.stop()
  await parts?.stop()
}, START_MS)

const statusOf = async (address: string) => (await fetch(address)).status

/** A class of some seconds that was recorded and has ended, with its file; and whatever can be asked for of it. */
async function recordClass() {
  const rig = await startClass(parts.logs, { recording: 'on' })
  await rig.until((state) => state.broadcast.state === 'on')
  const { classId } = rig
  const claims = { cls: classId, sub: 'per_v', ver: 0 }
  const url = `http://127.0.0.1:${origin.port}`
  const live = `${url}/${parts.tokens.signWatch(claims)}/${classId}`
  const replay = `${url}/${parts.tokens.signWatch({ ...claims, only: 'replay' })}/${classId}`
  const segments = async () =>
    readMediaPlaylist(await (await fetch(`${live}/main.m3u8`)).text()).segments.filter(({ whole }) => whole)
  expect(await waitUntil(async () => (await statusOf(`${live}/main.m3u8`)) === 200, WAIT_MS)).toBe(true)
  expect(await waitUntil(async () => (await segments()).length > 1, WAIT_MS)).toBe(true)
  await rig.as('per_teacher', { name: 'class:end' })
  await rig.until((state) => state.broadcast.state === 'off')
  const isReady = async () =>
    parseRecordingState(await parts.store.get(keysOf(classId).recording))?.state === 'ready'
  expect(await waitUntil(isReady, WAIT_MS)).toBe(true)
  const [first] = await segments()
  const file = `${url}/download/${parts.tokens.signDownload({ cls: classId, sub: 'per_t' })}/recording.mp4`
  const addresses = [
    `${replay}/index.m3u8`,
    `${replay}/main.replay.m3u8`,
    `${replay}/audio.replay.m3u8`,
    `${replay}/${first?.map}`,
    `${replay}/${first?.whole?.uri}`,
    `${live}/main.m3u8`,
    file,
  ]
  return { rig, addresses }
}

async function expectAll(addresses: readonly string[], status: number) {
  const all = async () => new Set(await Promise.all(addresses.map(statusOf)))
  await expect.poll(all, { timeout: WAIT_MS }).toEqual(new Set([status]))
}

const isOnDisk = async ({ classId }: ClassRig) => (await readdir(parts.broadcastDir)).includes(classId)

async function untilDeleted(rig: ClassRig): Promise<Fact | undefined> {
  const state = await rig.until(({ recording }) => recording.deletedAt !== undefined)
  const facts = await rig.followed.factsAfter(rig.followed.head.epoch, 0)
  expect(state.recording.spans).toEqual([])
  return facts?.find(({ type }) => type === 'recording.deleted')
}

test(
  '[RET1] a recording whose days are over is gone, whatever is asked for answers 410, and the log says why',
  async () => {
    const { rig, addresses } = await recordClass()
    await expectAll(addresses, 200)
    laterMs = (RETENTION_DAYS - 1) * DAY_MS
    await expectAll(addresses, 200)
    laterMs = RETENTION_DAYS * DAY_MS + 1_000
    await expectAll(addresses, 410)
    expect(await waitUntil(async () => !(await isOnDisk(rig)), WAIT_MS)).toBe(true)
    expect(await untilDeleted(rig)).toMatchObject({ reason: 'kept' })
    expect(await parts.store.get(keysOf(rig.classId).recording)).toBeNull()
    laterMs = 0
  },
  TEST_MS,
)

test(
  '[RET2] without an end to its days a recording is there for years, until it is deleted: then at once',
  async () => {
    const { rig, addresses } = await recordClass()
    const plan = keysOf(rig.classId).plan
    await parts.store.set(plan, JSON.stringify(toPlan(rig.followed.state, 0)))
    await parts.store.publish(plan, '')
    laterMs = 20 * 365 * DAY_MS
    await expectAll(addresses, 200)
    expect(await isOnDisk(rig)).toBe(true)
    laterMs = 0
    await rig.bySystem({ name: 'recording:delete', reason: 'asked' })
    await expectAll(addresses, 410)
    expect(await waitUntil(async () => !(await isOnDisk(rig)), WAIT_MS)).toBe(true)
    expect(await untilDeleted(rig)).toMatchObject({ reason: 'asked' })
  },
  TEST_MS,
)

test(
  '[RET3] of a class that was not recorded nothing is left a few minutes after its end',
  async () => {
    const rig = await startClass(parts.logs, { seats: 0 })
    await rig.enter('per_s', 'student')
    await rig.until((state) => state.broadcast.state === 'on')
    const token = parts.tokens.signWatch({ cls: rig.classId, sub: 'per_s', ver: 0 })
    const list = `http://127.0.0.1:${origin.port}/${token}/${rig.classId}/main.m3u8`
    expect(await waitUntil(async () => (await statusOf(list)) === 200, WAIT_MS)).toBe(true)
    await rig.as('per_teacher', { name: 'class:end' })
    await rig.until((state) => state.broadcast.state === 'off')
    await expectAll([list], 200)
    laterMs = 5 * 60_000 + 1_000
    await expectAll([list, list.replace('main.m3u8', 'index.m3u8')], 410)
    expect(await waitUntil(async () => !(await isOnDisk(rig)), WAIT_MS)).toBe(true)
    laterMs = 0
  },
  TEST_MS,
)
