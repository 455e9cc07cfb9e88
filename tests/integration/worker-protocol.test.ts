import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  EgressStatus,
  EncodedFileOutput,
  ImageOutput,
  MediaSource,
  S3Upload,
  SegmentedFileOutput,
  StartEgressRequest,
  StreamOutput,
  TemplateSource,
  WebhookReceiver,
} from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { type BroadcastRig, readJournal, startBroadcastRig } from '../support/broadcast-rig'

const START_MS = 60_000
const TEST_MS = 60_000
const WAIT_MS = 30_000

type Told = { event: string; status: EgressStatus }

let rig: BroadcastRig
const told = new Map<string, Told[]>()
const webhooks = createServer()
const joined = new Set<unknown>()

function noteJoined({ msg, room, stream }: Record<string, unknown>) {
  if (msg === 'room joined' && stream === 0) joined.add(room)
}

beforeAll(async () => {
  await new Promise<void>((resolve) => webhooks.listen(0, '127.0.0.1', resolve))
  const { port } = webhooks.address() as AddressInfo
  rig = await startBroadcastRig({ webhookUrl: `http://127.0.0.1:${port}/`, onLog: noteJoined })
  const receiver = new WebhookReceiver(rig.livekit.apiKey, rig.livekit.apiSecret)
  webhooks.on('request', async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { event, egressInfo } = await receiver.receive(
      Buffer.concat(chunks).toString(),
      request.headers.authorization,
    )
    if (egressInfo) {
      const known = told.get(egressInfo.egressId) ?? []
      told.set(egressInfo.egressId, [...known, { event, status: egressInfo.status }])
    }
    response.end()
  })
}, START_MS)
afterAll(async () => {
  await rig?.stop()
  webhooks.close()
}, START_MS)

const infoOf = async (egressId: string) => (await rig.egress.listEgress({ egressId }))[0]

async function untilStatus(egressId: string, status: EgressStatus) {
  expect(await waitUntil(async () => (await infoOf(egressId))?.status === status, WAIT_MS)).toBe(true)
  return infoOf(egressId)
}

const { EGRESS_STARTING, EGRESS_ACTIVE, EGRESS_ENDING, EGRESS_COMPLETE, EGRESS_ABORTED, EGRESS_FAILED } =
  EgressStatus
const started: Told = { event: 'egress_started', status: EGRESS_STARTING }
const active: Told = { event: 'egress_updated', status: EGRESS_ACTIVE }
const ending: Told = { event: 'egress_updated', status: EGRESS_ENDING }
const end = (status: EgressStatus): Told => ({ event: 'egress_ended', status })

async function expectTold(egressId: string, all: Told[]) {
  await waitUntil(async () => (told.get(egressId)?.length ?? 0) >= all.length, WAIT_MS)
  expect(told.get(egressId)).toEqual(all)
}

test(
  'an egress is starting, active, ending and complete, once each, in the list and by webhook',
  async () => {
    const { dir, egressId, classId } = await rig.startRun()
    expect([EGRESS_STARTING, EGRESS_ACTIVE]).toContain((await infoOf(egressId))?.status)
    const running = await untilStatus(egressId, EGRESS_ACTIVE)
    expect(running?.startedAt).toBeGreaterThan(0n)
    expect((await rig.egress.listEgress({ roomName: classId, active: true })).length).toBe(1)
    const answer = await rig.egress.stopEgress(egressId)
    expect(answer).toMatchObject({ status: EGRESS_ENDING, details: 'End reason: StopEgress API' })
    const over = await untilStatus(egressId, EGRESS_COMPLETE)
    expect(over).toMatchObject({ error: '', errorCode: 0, details: 'End reason: StopEgress API' })
    expect(over?.endedAt).toBeGreaterThan(over?.startedAt ?? 0n)
    const [segments] = over?.segmentResults ?? []
    expect(segments).toMatchObject({ playlistName: 'index.m3u8', playlistLocation: `${dir}/index.m3u8` })
    const bytes = (await readJournal(dir))
      .filter(({ t }) => t === 'part')
      .reduce((sum, { size = 0 }) => sum + size, 0)
    expect(segments?.size).toBe(BigInt(bytes))
    expect(segments?.segmentCount).toBeGreaterThan(0n)
    expect((await rig.egress.listEgress({ roomName: classId, active: true })).length).toBe(0)
    await expect(rig.egress.stopEgress(egressId)).rejects.toThrow('EGRESS_COMPLETE cannot be stopped')
    await expectTold(egressId, [started, active, ending, end(EGRESS_COMPLETE)])
  },
  TEST_MS,
)

test(
  'an egress that is stopped before it wrote anything is aborted',
  async () => {
    const { dir, egressId } = await rig.startRun()
    await rig.egress.stopEgress(egressId)
    const isOver = async () => ((await infoOf(egressId))?.endedAt ?? 0n) > 0n
    expect(await waitUntil(isOver, WAIT_MS)).toBe(true)
    const over = await infoOf(egressId)
    const wrote = (await readJournal(dir)).some(({ t }) => t === 'part')
    // On a slow machine the stop may come after the first part: then it has begun, and is complete.
    if (wrote && over?.status === EGRESS_COMPLETE) return expect(over.startedAt).toBeGreaterThan(0n)
    const reason = 'Stop called before pipeline could start'
    expect(over).toMatchObject({ status: EGRESS_ABORTED, error: reason, errorCode: 412, startedAt: 0n })
    await expectTold(egressId, [started, end(EGRESS_ABORTED)])
  },
  TEST_MS,
)

test(
  'the end of the room completes an egress',
  async () => {
    const { egressId, classId } = await rig.startRun()
    await untilStatus(egressId, EGRESS_ACTIVE)
    expect(await waitUntil(async () => joined.has(classId), WAIT_MS)).toBe(true)
    await rig.rooms.deleteRoom(classId)
    const over = await untilStatus(egressId, EGRESS_COMPLETE)
    expect(over).toMatchObject({ error: '', details: 'End reason: Source closed' })
    await expectTold(egressId, [started, active, end(EGRESS_COMPLETE)])
  },
  TEST_MS,
)

test(
  'an egress that cannot write fails and says why',
  async () => {
    const { dir, segments } = rig.place(await rig.createRoom())
    const classId = dir.split('/').at(-2) ?? ''
    await writeFile(`${rig.broadcastDir}/${classId}`, 'in the way')
    const { egressId } = await rig.egress.startRoomCompositeEgress(classId, { segments })
    const over = await untilStatus(egressId, EGRESS_FAILED)
    expect(over).toMatchObject({ errorCode: 500, details: 'End reason: Failure' })
    expect(over?.error).toContain('not a directory')
    await expectTold(egressId, [started, end(EGRESS_FAILED)])
  },
  TEST_MS,
)

test(
  'requests of the first and the second version are served alike',
  async () => {
    const sources: StartEgressRequest['source'][] = [
      { case: 'template', value: new TemplateSource() },
      { case: 'media', value: new MediaSource({ audio: { captureAll: true } }) },
    ]
    for (const source of sources) {
      const classId = await rig.createRoom()
      const { segments } = rig.place(classId)
      const outputs = [{ config: { case: 'segments' as const, value: segments } }]
      const { egressId } = await rig.egress.startEgress(
        new StartEgressRequest({ roomName: classId, source, outputs }),
      )
      await untilStatus(egressId, EGRESS_ACTIVE)
      await rig.egress.stopEgress(egressId)
      await untilStatus(egressId, EGRESS_COMPLETE)
    }
  },
  TEST_MS,
)

test('what the worker does not serve is refused at once, with the reason', async () => {
  const classId = await rig.createRoom()
  const { segments } = rig.place(classId)
  const { egress } = rig
  const elsewhere = new SegmentedFileOutput({ filenamePrefix: '/elsewhere/run/seg' })
  const cloud = new SegmentedFileOutput({
    filenamePrefix: segments.filenamePrefix,
    output: { case: 's3', value: new S3Upload({ bucket: 'b' }) },
  })
  const file = new EncodedFileOutput({ filepath: 'class.mp4' })
  const stream = new StreamOutput({ urls: ['rtmp://127.0.0.1/x'] })
  const images = new ImageOutput({ captureInterval: 5, filenamePrefix: 'i' })
  const refused: [() => Promise<unknown>, string][] = [
    [() => egress.startRoomCompositeEgress(classId, { segments: elsewhere }), 'broadcast directory'],
    [() => egress.startRoomCompositeEgress(classId, { segments: cloud }), 'on the local disk'],
    [() => egress.startRoomCompositeEgress(classId, { file }), 'only segment outputs'],
    [() => egress.startRoomCompositeEgress(classId, { segments, stream }), 'only segment outputs'],
    [() => egress.startRoomCompositeEgress(classId, { segments, images }), 'only segment outputs'],
    [() => egress.startRoomCompositeEgress(classId, { segments }, { audioOnly: true }), 'audio only'],
    [() => egress.startWebEgress('https://example.org', { segments }), 'not Web'],
    [() => egress.startTrackEgress(classId, 'wss://example.org', 'TR_x'), 'not Track'],
    [() => egress.startTrackCompositeEgress(classId, { segments }, {}), 'no track'],
  ]
  for (const [request, reason] of refused) await expect(request()).rejects.toThrow(reason)
  expect(await egress.listEgress({ roomName: classId })).toEqual([])
})

test(
  'layouts and streams of a running egress are answered, and change nothing',
  async () => {
    const { egressId } = await rig.startRun()
    await untilStatus(egressId, EGRESS_ACTIVE)
    expect(await rig.egress.updateLayout(egressId, 'grid')).toMatchObject({ egressId })
    await expect(rig.egress.updateStream(egressId, ['rtmp://127.0.0.1/x'])).rejects.toThrow(
      'there are no streams',
    )
    await expect(rig.egress.stopEgress('EG_nobody')).rejects.toThrow()
    expect((await infoOf(egressId))?.status).toBe(EGRESS_ACTIVE)
    await rig.egress.stopEgress(egressId)
    await untilStatus(egressId, EGRESS_COMPLETE)
    await expect(rig.egress.updateStream(egressId, ['rtmp://127.0.0.1/x'])).rejects.toThrow(
      'EGRESS_COMPLETE cannot be updated',
    )
  },
  TEST_MS,
)
