import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from '@playwright/test'
import {
  AccessToken,
  EgressClient,
  EgressStatus,
  EncodedFileOutput,
  RoomServiceClient,
  SegmentedFileOutput,
} from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { joinRoom, startBrowser } from '../support/livekit-page'
import { startRedis, type TestRedis } from '../support/redis'
import { startWorker, type TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 60_000
const WAIT_MS = 40_000
const PART_TARGET_SECONDS = 0.27
const PART_MIN_SECONDS = 0.04
/** Journals say milliseconds with three decimals, durations seconds with six. */
const HOLE_MS = 0.1
/** Frames keep their own times: they are not evenly spaced, and ffmpeg would round them to a frame rate. */
const UNTOUCHED = ['-fps_mode', 'passthrough', '-enc_time_base:v', '1:90000']

type Line = {
  t: string
  variant?: string
  segment?: number
  init?: number
  discontinuity?: boolean
  duration: number
  pdt: number
  file: string
  width?: number
  reason?: string
}

const run = promisify(execFile)
let redis: TestRedis
let livekit: TestLivekit
let worker: TestWorker
let browser: Browser
let broadcastDir: string
let egress: EgressClient
let rooms: RoomServiceClient

beforeAll(async () => {
  broadcastDir = await mkdtemp(join(tmpdir(), 'amphi-worker-'))
  redis = await startRedis()
  livekit = await startLivekit(redis.url)
  worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir })
  browser = await startBrowser()
  const http = livekit.url.replace('ws', 'http')
  egress = new EgressClient(http, livekit.apiKey, livekit.apiSecret)
  rooms = new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret)
}, START_MS)

afterAll(async () => {
  await browser?.close()
  await worker?.stop()
  await livekit?.stop()
  await redis?.stop()
  await rm(broadcastDir, { recursive: true, force: true })
}, START_MS)

async function startRun() {
  const classId = newId('cls')
  const dir = join(broadcastDir, classId, newId('run'))
  await rooms.createRoom({ name: classId })
  const segments = new SegmentedFileOutput({ filenamePrefix: join(dir, 'seg'), playlistName: 'index.m3u8' })
  const { egressId } = await egress.startRoomCompositeEgress(classId, { segments })
  return { classId, dir, egressId }
}

async function joinAsTeacher(classId: string): Promise<Page> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
    identity: newId('per'),
    metadata: JSON.stringify({ role: 'teacher' }),
  })
  token.addGrant({ room: classId, roomJoin: true })
  const page = await joinRoom(browser, livekit.url, await token.toJwt())
  await page.evaluate(() => window.room.localParticipant.enableCameraAndMicrophone())
  return page
}

async function readLines(dir: string): Promise<Line[]> {
  const text = await readFile(join(dir, 'journal.ndjson'), 'utf8')
  const terminated = text.slice(0, text.lastIndexOf('\n'))
  return terminated.split('\n').map((line) => JSON.parse(line))
}

const select = (lines: Line[], t: string, variant: string) =>
  lines.filter((line) => line.t === t && line.variant === variant)

async function untilLines(dir: string, holds: (lines: Line[]) => boolean) {
  expect(await waitUntil(async () => holds(await readLines(dir)), WAIT_MS)).toBe(true)
}

/** What a decoder complains of in a variant, from each discontinuity to the next. */
async function decode(dir: string, lines: Line[], variant: string): Promise<string> {
  let complaints = ''
  let bytes: Buffer[] = []
  const play = async () => {
    if (bytes.length === 0) return
    const path = join(dir, 'decode.mp4')
    await writeFile(path, Buffer.concat(bytes))
    complaints += (await run('ffmpeg', ['-v', 'error', '-i', path, ...UNTOUCHED, '-f', 'null', '-'])).stderr
  }
  for (const { file, init, discontinuity } of select(lines, 'segment', variant)) {
    if (discontinuity || bytes.length === 0) {
      await play()
      bytes = [await readFile(join(dir, `${variant}-init-${init}.mp4`))]
    }
    bytes.push(await readFile(join(dir, file)))
  }
  await play()
  return complaints
}

async function untilStatus(classId: string, status: EgressStatus) {
  const reached = async () => (await egress.listEgress({ roomName: classId }))[0]?.status === status
  expect(await waitUntil(reached, WAIT_MS)).toBe(true)
}

test(
  'a run goes on without a hole from an empty room to a camera, muted and back, and decodes',
  async () => {
    const { classId, dir, egressId } = await startRun()
    await untilLines(dir, (lines) => select(lines, 'part', 'main').length > 3)
    await untilStatus(classId, EgressStatus.EGRESS_ACTIVE)
    const teacher = await joinAsTeacher(classId)
    const widths = (lines: Line[]) => select(lines, 'init', 'main').map(({ width }) => width)
    await untilLines(dir, (lines) => widths(lines).length > 1)
    const shown = widths(await readLines(dir)).length
    await teacher.evaluate(() => window.room.localParticipant.setCameraEnabled(false))
    await untilLines(
      dir,
      (lines) => widths(lines).length > shown && widths(lines).at(-1) === widths(lines)[0],
    )
    const muted = widths(await readLines(dir)).length
    await teacher.evaluate(() => window.room.localParticipant.setCameraEnabled(true))
    await untilLines(dir, (lines) => widths(lines).length > muted)
    await egress.stopEgress(egressId)
    await untilStatus(classId, EgressStatus.EGRESS_COMPLETE)

    const lines = await readLines(dir)
    expect(lines.at(-1)).toMatchObject({ t: 'end', reason: 'stopped' })
    for (const variant of ['main', 'mid', 'low', 'audio']) {
      const parts = select(lines, 'part', variant)
      for (const [i, part] of parts.entries()) {
        expect(part.duration).toBeLessThanOrEqual(PART_TARGET_SECONDS)
        expect(part.duration).toBeGreaterThanOrEqual(PART_MIN_SECONDS)
        const before = parts[i - 1]
        if (before) expect(Math.abs(before.pdt + before.duration * 1000 - part.pdt)).toBeLessThan(HOLE_MS)
      }
      expect(await decode(dir, lines, variant)).toBe('')
    }
    const breaks = (variant: string) =>
      select(lines, 'segment', variant).map(({ segment, discontinuity }) => [segment, discontinuity])
    for (const variant of ['mid', 'low', 'audio']) expect(breaks(variant)).toEqual(breaks('main'))
    await teacher.close()
  },
  TEST_MS,
)

test(
  'the recorder is hidden, and a room that is closed ends the run as failed',
  async () => {
    const { classId, dir } = await startRun()
    await untilLines(dir, (lines) => select(lines, 'part', 'main').length > 0)
    expect((await rooms.listRooms([classId]))[0]).toMatchObject({ numParticipants: 0, activeRecording: true })
    await rooms.deleteRoom(classId)
    await untilStatus(classId, EgressStatus.EGRESS_FAILED)
    expect((await readLines(dir)).at(-1)).toMatchObject({ t: 'end', reason: 'room_closed' })
  },
  TEST_MS,
)

test('what the worker does not serve is refused with the reason', async () => {
  const classId = newId('cls')
  await rooms.createRoom({ name: classId })
  const outside = new SegmentedFileOutput({ filenamePrefix: '/elsewhere/run/seg' })
  await expect(egress.startRoomCompositeEgress(classId, { segments: outside })).rejects.toThrow(
    'broadcast directory',
  )
  const file = new EncodedFileOutput({ filepath: 'class.mp4' })
  await expect(egress.startRoomCompositeEgress(classId, { file })).rejects.toThrow('only segment outputs')
})

test(
  'a worker that is told to stop ends its runs first',
  async () => {
    const { classId, dir } = await startRun()
    await untilLines(dir, (lines) => select(lines, 'part', 'main').length > 0)
    await worker.stop()
    expect((await readLines(dir)).at(-1)).toMatchObject({ t: 'end', reason: 'stopped' })
    await untilStatus(classId, EgressStatus.EGRESS_COMPLETE)
  },
  TEST_MS,
)
