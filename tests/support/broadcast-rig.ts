import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { AccessToken, EgressClient, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { startLivekit, type TestLivekit } from './livekit'
import { joinRoom, startBrowser } from './livekit-page'
import { startRedis } from './redis'
import { startWorker, type TestWorker, type WorkerOptions } from './worker'

export type JournalLine = {
  t: string
  variant?: string
  segment?: number
  part?: number
  init?: number
  discontinuity?: boolean
  duration: number
  size?: number
  pdt: number
  file: string
  width?: number
  height?: number
  reason?: string
  main?: { personId: string; source: string } | null
  aside?: { personId: string; source: string } | null
}

export type Role = 'teacher' | 'student_speaker'

/** Redis, livekit-server, the media worker and a browser, and rooms that are broadcast. */
export type BroadcastRig = {
  redisUrl: string
  livekit: TestLivekit
  /** The newest one. */
  readonly worker: TestWorker
  /** Kills the worker as by `kill -9` and starts another. */
  replaceWorker(): Promise<void>
  egress: EgressClient
  rooms: RoomServiceClient
  broadcastDir: string
  createRoom(): Promise<string>
  /** Where a run of that room is to be written, and what asks for it. */
  place(classId: string): { dir: string; segments: SegmentedFileOutput }
  startRun(classId?: string): Promise<{ classId: string; dir: string; egressId: string }>
  join(classId: string, role: Role): Promise<{ page: Page; personId: string }>
  token(classId: string, personId: string, role: Role): Promise<string>
  stop(): Promise<void>
}

export async function startBroadcastRig(
  options: { webhookUrl?: string; onLog?: WorkerOptions['onLog'] } = {},
): Promise<BroadcastRig> {
  const broadcastDir = await mkdtemp(join(tmpdir(), 'amphi-worker-'))
  const redis = await startRedis()
  const livekit = await startLivekit(redis.url, options.webhookUrl)
  const newWorker = () => startWorker({ redisUrl: redis.url, livekit, broadcastDir, onLog: options.onLog })
  let worker = await newWorker()
  let browser: Browser | undefined
  const http = livekit.url.replace('ws', 'http')
  const egress = new EgressClient(http, livekit.apiKey, livekit.apiSecret)
  const rooms = new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret)

  async function createRoom() {
    const classId = newId('cls')
    await rooms.createRoom({ name: classId })
    return classId
  }

  function place(classId: string) {
    const dir = join(broadcastDir, classId, newId('run'))
    const segments = new SegmentedFileOutput({
      filenamePrefix: join(dir, 'seg'),
      playlistName: 'index.m3u8',
    })
    return { dir, segments }
  }

  async function token(classId: string, personId: string, role: Role) {
    const metadata = JSON.stringify({ role })
    const made = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity: personId, metadata })
    made.addGrant({ room: classId, roomJoin: true })
    return made.toJwt()
  }

  return {
    token,
    redisUrl: redis.url,
    livekit,
    get worker() {
      return worker
    },
    async replaceWorker() {
      await worker.kill()
      worker = await newWorker()
    },
    egress,
    rooms,
    broadcastDir,
    createRoom,
    place,
    async startRun(existing) {
      const classId = existing ?? (await createRoom())
      const { dir, segments } = place(classId)
      const { egressId } = await egress.startRoomCompositeEgress(classId, { segments })
      return { classId, dir, egressId }
    },
    async join(classId, role) {
      browser ??= await startBrowser()
      const personId = newId('per')
      const page = await joinRoom(browser, livekit.url, await token(classId, personId, role))
      return { page, personId }
    },
    async stop() {
      await browser?.close()
      await worker.stop()
      await livekit.stop()
      await redis.stop()
      await rm(broadcastDir, { recursive: true, force: true })
    },
  }
}

/** What a run's journal says so far; nothing before it exists. */
export async function readJournal(dir: string): Promise<JournalLine[]> {
  const text = await readFile(join(dir, 'journal.ndjson'), 'utf8').catch(() => '')
  const lines = text.slice(0, Math.max(0, text.lastIndexOf('\n'))).split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line))
}

export const selectLines = (lines: JournalLine[], t: string, variant: string) =>
  lines.filter((line) => line.t === t && line.variant === variant)

export function untilJournal(dir: string, holds: (lines: JournalLine[]) => boolean, timeoutMs: number) {
  return waitUntil(async () => holds(await readJournal(dir)), timeoutMs)
}
