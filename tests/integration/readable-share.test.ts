import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from '@playwright/test'
import { AccessToken, EgressClient, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseCapture } from '../../app/live/capture'
import { toRoomOptions } from '../../app/live/room-options'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { joinRoom, startBrowser } from '../support/livekit-page'
import { startRedis, type TestRedis } from '../support/redis'
import { drawPage, type Page, readPage } from '../support/shared-page'
import { startWorker, type TestWorker } from '../support/worker'

const START_MS = 60_000
const WAIT_MS = 60_000
/** Encoders sharpen a still page within a few frames: three a second on the lowest rung. */
const SEGMENTS_SHOWN = 3
const RIGHT_SHARE = 0.99
const widths: Record<string, number> = { main: 1920, mid: 1920, low: 1280 }
const variants = Object.keys(widths)

type Line = {
  t: string
  variant?: string
  file: string
  width?: number
  init?: number
  main?: { source: string }
}

const run = promisify(execFile)
let redis: TestRedis
let livekit: TestLivekit
let worker: TestWorker
let browser: Browser
let broadcastDir: string

beforeAll(async () => {
  broadcastDir = await mkdtemp(join(tmpdir(), 'amphi-share-'))
  redis = await startRedis()
  livekit = await startLivekit(redis.url)
  worker = await startWorker({ redisUrl: redis.url, livekit, broadcastDir })
  browser = await startBrowser()
}, START_MS)

afterAll(async () => {
  await browser?.close()
  await worker?.stop()
  await livekit?.stop()
  await redis?.stop()
  await rm(broadcastDir, { recursive: true, force: true })
}, START_MS)

async function readLines(dir: string): Promise<Line[]> {
  const text = await readFile(join(dir, 'journal.ndjson'), 'utf8')
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n')
  return lines.map((line) => JSON.parse(line))
}

/** The last picture of a variant's newest whole segment as 8-bit grey of the page's size. */
async function lastPicture(dir: string, variant: string, page: Page): Promise<Buffer> {
  const segment = (await readLines(dir)).findLast((line) => line.t === 'segment' && line.variant === variant)
  const init = await readFile(join(dir, `${variant}-init-${segment?.init}.mp4`))
  const path = join(dir, `${variant}.mp4`)
  await writeFile(path, Buffer.concat([init, await readFile(join(dir, segment?.file ?? ''))]))
  const { stdout } = await run(
    'ffmpeg',
    [
      ['-v', 'error', '-i', path, '-an', '-vf', `scale=${page.width}:${page.height}:flags=lanczos`],
      ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
    ].flat(),
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  )
  return stdout.subarray(stdout.length - page.width * page.height)
}

test(
  'on every rung of a shared page text of 16 px can be read, and the frame rate is what gives way',
  async () => {
    const classId = newId('cls')
    const dir = join(broadcastDir, classId, newId('run'))
    const http = livekit.url.replace('ws', 'http')
    const rooms = new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret)
    await rooms.createRoom({ name: classId })
    const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
      identity: newId('per'),
      metadata: JSON.stringify({ role: 'teacher' }),
    })
    token.addGrant({ room: classId, roomJoin: true })
    const teacher = await joinRoom(browser, livekit.url, await token.toJwt())
    const page = await teacher.evaluate(drawPage)
    const { publishDefaults } = toRoomOptions(parseCapture(null))
    await teacher.evaluate(async (options) => {
      const canvas = document.querySelector('canvas')
      const [track] = canvas?.captureStream(15).getVideoTracks() ?? []
      if (!track) throw new Error('no canvas')
      track.contentHint = 'text'
      await window.room.localParticipant.publishTrack(track, {
        ...options,
        source: window.LivekitClient.Track.Source.ScreenShare,
      })
    }, publishDefaults)
    const egress = new EgressClient(http, livekit.apiKey, livekit.apiSecret)
    const segments = new SegmentedFileOutput({ filenamePrefix: join(dir, 'seg'), playlistName: 'index.m3u8' })
    await egress.startRoomCompositeEgress(classId, { segments })
    // A browser tries its link before it sends all layers.
    const isShown = async () => {
      const lines = await readLines(dir).catch(() => [])
      const from = variants.map((variant) =>
        lines.findIndex(({ variant: name, width }) => name === variant && width === widths[variant]),
      )
      const shown = lines
        .slice(Math.max(...from))
        .filter(({ t, variant }) => t === 'segment' && variant === 'low')
      return !from.includes(-1) && shown.length >= SEGMENTS_SHOWN
    }
    expect(await waitUntil(isShown, WAIT_MS)).toBe(true)
    for (const variant of variants) {
      const picture = await lastPicture(dir, variant, page)
      const right = readPage(picture, page)
      expect(right, `${variant}: share of characters read`).toBeGreaterThanOrEqual(RIGHT_SHARE)
    }
    await teacher.close()
  },
  WAIT_MS * 2,
)
