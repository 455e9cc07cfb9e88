import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EgressClient, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { readJournal, untilJournal } from '../support/broadcast-rig'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { startRedis, type TestRedis } from '../support/redis'
import { startWorker, type TestWorker } from '../support/worker'

const START_MS = 60_000
const TEST_MS = 60_000
const WAIT_MS = 20_000
/** Longer than this nobody is waited for (egress/worker/main.go), and what starting to stop takes. */
const DRAIN_MS = 20_000
/** Far below it: that it ended was not the patience's end. */
const AT_ONCE_MS = 4_000

let dir: string
let redis: TestRedis
let livekit: TestLivekit
let worker: TestWorker | undefined

/** Each with a LiveKit of its own: one whose Redis stood still places no class for seconds. */
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'amphi-drain-'))
  redis = await startRedis()
  livekit = await startLivekit(redis.url)
}, START_MS)
afterEach(async () => {
  process.kill(redis.pid, 'SIGCONT')
  await worker?.kill()
  await livekit?.stop()
  await redis?.stop()
  await rm(dir, { recursive: true, force: true })
}, START_MS)

const isGone = (pid: number) => async () => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** A worker with a run that has begun, and a Redis that then says nothing any more: its end cannot be told. */
async function runWithoutRedis() {
  worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir: dir })
  const http = livekit.url.replace('ws', 'http')
  const classId = newId('cls')
  await new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret).createRoom({ name: classId })
  const runDir = join(dir, classId, newId('run'))
  const segments = new SegmentedFileOutput({
    filenamePrefix: join(runDir, 'seg'),
    playlistName: 'index.m3u8',
  })
  await new EgressClient(http, livekit.apiKey, livekit.apiSecret).startRoomCompositeEgress(classId, {
    segments,
  })
  expect(await untilJournal(runDir, (lines) => lines.some(({ t }) => t === 'part'), WAIT_MS)).toBe(true)
  process.kill(redis.pid, 'SIGSTOP')
  process.kill(worker.pid, 'SIGTERM')
  expect(await untilJournal(runDir, (lines) => lines.at(-1)?.t === 'end', WAIT_MS)).toBe(true)
  expect((await readJournal(runDir)).at(-1)).toMatchObject({ reason: 'stopped' })
  return worker.pid
}

test(
  'a drain ends the runs first, and waits for nobody to be told of it for ever',
  async () => {
    const pid = await runWithoutRedis()
    expect(await waitUntil(isGone(pid), DRAIN_MS)).toBe(true)
    process.kill(redis.pid, 'SIGCONT')
  },
  TEST_MS,
)

test(
  'a second SIGTERM ends a drain at once',
  async () => {
    const pid = await runWithoutRedis()
    process.kill(pid, 'SIGTERM')
    expect(await waitUntil(isGone(pid), AT_ONCE_MS)).toBe(true)
    process.kill(redis.pid, 'SIGCONT')
  },
  TEST_MS,
)
