import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AccessToken, EgressClient, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { newId } from '../../server/ids'
import { buildGo } from '../load/build-go'
import { startLivekit } from '../support/livekit'
import { startRedis } from '../support/redis'
import { startWorker } from '../support/worker'
import { offsetsOf } from './flash-and-beep'
import { quantile, report } from './report'

/** One flash and one beep a second: enough for a p95, and for reports, slewing and glides to be in it. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60)

/** Sound 45 ms ahead of the picture is what viewers begin to notice (ITU-R BT.1359). */
const GATE_MS = 40

/** A track is shown up to 4 s after it came; flashes before that are not in the segments. */
const START_SECONDS = 6

/** How far sound and picture are apart in the segments of a publisher whose flashes and beeps belong together. */
const run = promisify(execFile)
const dir = await mkdtemp(join(tmpdir(), 'amphi-lip-sync-'))
const film = join(dir, 'film.h264')
const flashes = "drawbox=c=white:t=fill:enable='lt(mod(t,1),0.0999)'"
const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline', '-bf', '0', '-g', '30']
const black = ['-f', 'lavfi', '-i', 'color=black:s=640x360:r=30', '-t', '30', '-vf', flashes]
await run('ffmpeg', ['-v', 'error', ...black, ...encoder, film])
const publisher = await buildGo('egress/worker/rig/publisher', 'rig-publisher')

const redis = await startRedis()
const livekit = await startLivekit(redis.url)
const worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir: dir })
try {
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
  const size = ['-width', '640', '-height', '360', '-rate', '30']
  const teacher = spawn(
    publisher,
    ['-url', livekit.url, '-token', await token.toJwt(), '-picture', film, ...size],
    {
      stdio: 'ignore',
    },
  )
  await new Promise((resolve) => setTimeout(resolve, (SECONDS + START_SECONDS) * 1000))
  await egress.stopEgress(egressId)
  teacher.kill('SIGTERM')
  await once(teacher, 'exit')

  const offsets = await offsetsOf(runDir, 'main')
  const apart = offsets.map(Math.abs)
  // A flash that has no beep near it is none of them: there may be few of those.
  const atLeast = SECONDS * 0.9
  report({ bench: 'lip-sync', metric: 'flashes', value: offsets.length, unit: 'count', atLeast })
  report({ bench: 'lip-sync', metric: 'picture_after_sound_p50', value: quantile(offsets, 0.5), unit: 'ms' })
  report({ bench: 'lip-sync', metric: 'p95', value: quantile(apart, 0.95), unit: 'ms', atMost: GATE_MS })
  report({ bench: 'lip-sync', metric: 'max', value: Math.max(...apart), unit: 'ms' })
} finally {
  await worker.stop()
  await livekit.stop()
  await redis.stop()
  await rm(dir, { recursive: true, force: true })
}
