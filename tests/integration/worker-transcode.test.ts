import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AccessToken, EgressClient, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { buildGo } from '../load/build-go'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { startRedis, type TestRedis } from '../support/redis'
import { startWorker, type TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 120_000
const WAIT_MS = 40_000
/** Of a camera at 30 pictures a second. */
const SEGMENTS = 3

type Line = {
  t: string
  variant?: string
  init?: number
  file: string
  width?: number
  codecs?: string
  discontinuity?: boolean
}

const run = promisify(execFile)
let dir: string
let redis: TestRedis
let livekit: TestLivekit
let worker: TestWorker
let publisher: string
const cameras: ChildProcess[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'amphi-transcode-'))
  publisher = await buildGo('egress/worker/rig/foreign', 'rig-foreign')
  redis = await startRedis()
  livekit = await startLivekit(redis.url)
  worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir: dir })
}, START_MS)

afterAll(async () => {
  for (const camera of cameras) camera.kill('SIGKILL')
  await worker?.stop()
  await livekit?.stop()
  await redis?.stop()
  await rm(dir, { recursive: true, force: true })
}, START_MS)

async function readLines(runDir: string): Promise<Line[]> {
  const text = await readFile(join(runDir, 'journal.ndjson'), 'utf8').catch(() => '')
  const terminated = text.slice(0, text.lastIndexOf('\n'))
  return terminated === '' ? [] : terminated.split('\n').map((line) => JSON.parse(line))
}

test(
  'a camera that sends VP8 is seen as H.264',
  async () => {
    const film = join(dir, 'film.ivf')
    const realtime = ['-deadline', 'realtime', '-cpu-used', '16', '-b:v', '500k']
    const source = ['-f', 'lavfi', '-i', 'testsrc=s=480x270:r=30', '-t', '2']
    await run('ffmpeg', ['-v', 'error', ...source, '-c:v', 'libvpx', ...realtime, film])

    const http = livekit.url.replace('ws', 'http')
    const classId = newId('cls')
    const runDir = join(dir, classId, newId('run'))
    await new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret).createRoom({ name: classId })
    const egress = new EgressClient(http, livekit.apiKey, livekit.apiSecret)
    const segments = new SegmentedFileOutput({
      filenamePrefix: join(runDir, 'seg'),
      playlistName: 'index.m3u8',
    })
    const { egressId } = await egress.startRoomCompositeEgress(classId, { segments })
    const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
      identity: newId('per'),
      metadata: JSON.stringify({ role: 'teacher' }),
    })
    token.addGrant({ room: classId, roomJoin: true })
    const size = ['-width', '480', '-height', '270']
    const joining = [...size, '-url', livekit.url, '-token', await token.toJwt(), '-picture', film]
    cameras.push(spawn(publisher, joining, { stdio: 'ignore' }))

    const ofCamera = (lines: Line[]) => {
      const init = lines.find((line) => line.t === 'init' && line.variant === 'main' && line.width === 480)
      return lines.filter(
        (line) => line.t === 'segment' && line.variant === 'main' && init && line.init === init.init,
      )
    }
    const seen = await waitUntil(async () => ofCamera(await readLines(runDir)).length >= SEGMENTS, WAIT_MS)
    expect(seen, JSON.stringify((await readLines(runDir)).filter(({ t }) => t === 'init'))).toBe(true)
    await egress.stopEgress(egressId)

    const own = ofCamera(await readLines(runDir)).slice(0, SEGMENTS)
    const files = [`main-init-${own[0]?.init}.mp4`, ...own.map(({ file }) => file)]
    const path = join(dir, 'seen.mp4')
    await writeFile(path, Buffer.concat(await Promise.all(files.map((file) => readFile(join(runDir, file))))))
    const counting = [
      '-count_frames',
      '-show_entries',
      'stream=codec_name,width,nb_read_frames',
      '-of',
      'json',
    ]
    const { stdout, stderr } = await run('ffprobe', [
      '-v',
      'error',
      '-select_streams',
      'v',
      ...counting,
      path,
    ])
    expect(stderr).toBe('')
    const [stream] = JSON.parse(stdout).streams
    expect(stream).toMatchObject({ codec_name: 'h264', width: 480 })
    expect(Number(stream.nb_read_frames)).toBeGreaterThan(SEGMENTS * 20)
  },
  TEST_MS,
)
