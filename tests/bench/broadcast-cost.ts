import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccessToken, EgressClient, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { buildPublisher, makeFilms, startPublisher } from '../support/go-publisher'
import { startLivekit } from '../support/livekit'
import { startRedis } from '../support/redis'
import { startWorker } from '../support/worker'
import { readIdle, usageOf } from './process-cost'
import { report } from './report'

/** Ten segments: what happens once in one is in it. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20)
const FURTHER_CLASSES = 4
/** Layers are settled and the first collections of garbage done. */
const SETTLE_SEGMENTS = 5
const WAIT_MS = 40_000
/** What a browser sends of a 720p camera. */
const layers = [
  { width: 320, height: 180, bitsPerSecond: 140_000 },
  { width: 640, height: 360, bitsPerSecond: 420_000 },
  { width: 1280, height: 720, bitsPerSecond: 1_650_000 },
]
const variants = ['main', 'mid', 'low', 'audio']

type Line = { t: string; variant?: string; width?: number }

const dir = await mkdtemp(join(tmpdir(), 'amphi-cost-'))
const program = await buildPublisher()
const films = await makeFilms(dir, layers, 20)
const redis = await startRedis()
const livekit = await startLivekit(redis.url)
const worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir: join(dir, 'broadcast') })
const http = livekit.url.replace('ws', 'http')
const rooms = new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret)
const egress = new EgressClient(http, livekit.apiKey, livekit.apiSecret)
const publishers: ChildProcess[] = []

try {
  const idleWorker = usageOf(worker.pid)
  await startClass()
  const one = await measure()
  await Promise.all(Array.from({ length: FURTHER_CLASSES }, startClass))
  const all = await measure()
  line('cores', one.cores, 'cores', 0.1)
  line('rss', one.rssBytes, 'bytes')
  line('rss_without_a_class', idleWorker.rssBytes, 'bytes')
  line('cores_each_further', (all.cores - one.cores) / FURTHER_CLASSES, 'cores', 0.05)
  line('rss_each_further', (all.rssBytes - one.rssBytes) / FURTHER_CLASSES, 'bytes', 60 * 1024 * 1024)
  line('idle', all.idle, 'share')
  if (all.idle < 0.1)
    console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  for (const publisher of publishers) publisher.kill()
  await worker.stop()
  await livekit.stop()
  await redis.stop()
  await rm(dir, { recursive: true, force: true })
}

function line(metric: string, value: number, unit: 'cores' | 'bytes' | 'share', atMost?: number) {
  report({ bench: 'broadcast-cost', metric, value, unit, atMost })
}

async function startClass(): Promise<void> {
  const classId = newId('cls')
  const runDir = join(dir, 'broadcast', classId, newId('run'))
  await rooms.createRoom({ name: classId })
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
    identity: newId('per'),
    metadata: JSON.stringify({ role: 'teacher' }),
  })
  token.addGrant({ room: classId, roomJoin: true })
  const to = { url: livekit.url, token: await token.toJwt() }
  publishers.push(await startPublisher(program, to, films))
  const segments = new SegmentedFileOutput({
    filenamePrefix: join(runDir, 'seg'),
    playlistName: 'index.m3u8',
  })
  await egress.startRoomCompositeEgress(classId, { segments })
  const settled = await waitUntil(async () => isSettled(await readLines(runDir)), WAIT_MS)
  if (!settled) throw new Error(`no ladder of three layers within ${WAIT_MS} ms`)
}

async function readLines(runDir: string): Promise<Line[]> {
  const text = await readFile(join(runDir, 'journal.ndjson'), 'utf8').catch(() => '')
  const lines = text.slice(0, Math.max(0, text.lastIndexOf('\n'))).split('\n')
  return lines.filter(Boolean).map((each) => JSON.parse(each))
}

/** Every rendition has its own layer, and has had it for a while. */
function isSettled(lines: Line[]): boolean {
  const last = (variant: string) =>
    lines.findLast((each) => each.t === 'init' && each.variant === variant)?.width
  const expected = layers.map(({ width }) => width).reverse()
  const count = (variant: string) =>
    lines.filter((each) => each.t === 'segment' && each.variant === variant).length
  return (
    variants.every((variant) => count(variant) >= SETTLE_SEGMENTS) &&
    variants.slice(0, 3).every((variant, i) => last(variant) === expected[i])
  )
}

async function measure() {
  const before = { usage: usageOf(worker.pid), idle: readIdle(), at: Date.now() }
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
  const after = { usage: usageOf(worker.pid), idle: readIdle(), at: Date.now() }
  const cores = (after.usage.cpuSeconds - before.usage.cpuSeconds) / ((after.at - before.at) / 1000)
  const idle = (after.idle.idle - before.idle.idle) / (after.idle.total - before.idle.total)
  return { cores, rssBytes: after.usage.rssBytes, idle }
}
