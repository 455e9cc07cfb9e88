import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import Redis from 'ioredis'
import { io, type Socket } from 'socket.io-client'
import { parsePlan } from '../../egress/plan'
import { parseHealth, type RunHealth, toStandbyName } from '../../egress/run-health'
import playwrightConfig from '../../playwright.config'
import { waitUntil } from '../../scripts/stack/wait-until'
import { keysOf } from '../../server/redis/names'
import { attend, createClass } from '../e2e/support/school'
import { buildGo } from '../load/build-go'
import type { Job, Look, Question } from '../load/readers/messages'
import { call } from '../support/api'
import { buildPublisher, type Film, makeFilms, startPublisher } from '../support/go-publisher'
import { startTestStack } from '../support/stack'
import { startWorker, type TestWorker } from '../support/worker'
import { installPictureWatch, type Standstill } from './picture-watch'

/** As a browser's three layers, but small: what counts is how many there are, not how large. */
const CAMERA = [
  { width: 160, height: 90, bitsPerSecond: 50_000 },
  { width: 320, height: 180, bitsPerSecond: 120_000 },
  { width: 640, height: 360, bitsPerSecond: 350_000 },
]
/** Beside a shared page the teacher's camera is the second picture. */
const PAGE = [{ width: 800, height: 450, bitsPerSecond: 200_000 }]
const FILM_SECONDS = 20
const VARIANTS = ['main', 'mid', 'low', 'audio', 'aside']
const READERS = 20
/** Viewers who read in great number: a token and a connection each. */
const FLOODS = 8
/** What the stack's own supervisor waits before it starts a worker again that has died once. */
const RESTART_MS = 500
const WAIT_MS = 60_000
/** Two pictures that are lost between two others are no standstill. */
const STILL_MS = 250

export type FaultyClass = {
  /** The worker that writes the newest run dies as by `kill -9`, and is started again. */
  killWriter(): Promise<{ at: number; runId: string }>
  ask(question: Question): Promise<Look>
  /** When a standby of another worker has pictures of its own, and would take over. */
  isWarm(): Promise<boolean>
  /** Of the viewer in Chromium, where there is one. */
  stillness(): Promise<{ newestAt: number; still: Standstill[] } | null>
  stop(): Promise<void>
}

type Asked = { standby: boolean; viewer: boolean; perSecond: number; reads: number }

/** A live class of the real stack: two who publish, readers, and a viewer in Chromium. */
export async function startFaultyClass({ standby, viewer, perSecond, reads }: Asked): Promise<FaultyClass> {
  const program = await buildGo('tests/load/flood', 'amphi-flood')
  const publisher = await buildPublisher()
  const stack = await startTestStack(
    { BROADCAST_STANDBY: standby ? 'on' : 'off' },
    { only: ['redis', 'database', 'livekit', 'origin', 'server'] },
  )
  console.error(`the stack runs at ${stack.url}`)
  process.env.AMPHI_URL = stack.url
  process.env.ADMIN_API_KEY = stack.config.adminApiKey
  const { redisUrl, livekit, broadcast } = stack.config
  const redis = new Redis(redisUrl)
  const start = () => startWorker({ redisUrl, livekit, broadcastDir: broadcast.dir })
  const workers = new Set<TestWorker>([await start()])
  if (standby) workers.add(await start())
  const restarts = new Set<Promise<void>>()
  const publishers: ChildProcess[] = []
  const sockets: Socket[] = []
  const films = [
    await makeFilms(broadcast.dir, CAMERA, FILM_SECONDS),
    await makeFilms(broadcast.dir, PAGE, FILM_SECONDS),
  ]
  const schoolClass = await createClass({ title: 'Faults', seats: 0 })
  const { id } = schoolClass
  let browser: Browser | undefined

  async function enter(name: string, role: string) {
    const key = { token: stack.config.adminApiKey }
    const person = await call(stack, 'POST', `/classes/${id}/people`, { ...key, body: { name, role } })
    const { token } = person.body as { token: string }
    const { body } = await call(stack, 'POST', `/classes/${id}/join`, { token, body: {} })
    return body as {
      gateway: { url: string; token: string }
      livekit?: { url: string; token: string }
      broadcast?: { playlistUrl: string }
    }
  }

  /** There for as long as its socket is open, as a page is. */
  async function publish(name: string, role: string, film: Film[], share: boolean) {
    const { gateway, livekit } = await enter(name, role)
    const { origin } = new URL(gateway.url)
    const auth = { token: gateway.token, protocol: 1 }
    const socket = io(origin, { path: '/gateway', auth, transports: ['websocket'], forceNew: true })
    sockets.push(socket)
    await new Promise<void>((resolve) => socket.once('snapshot', () => resolve()))
    if (!livekit) throw new Error(`${name} may not publish`)
    publishers.push(await startPublisher(publisher, livekit, film, share, true))
  }

  async function watchUrl(name: string): Promise<string> {
    const { broadcast } = await enter(name, 'student')
    if (!broadcast) throw new Error(`${name} may not watch`)
    // Straight from the origin, as behind an edge: the server in front of it is measured elsewhere.
    const { pathname } = new URL(broadcast.playlistUrl)
    return `http://127.0.0.1:${stack.env.ORIGIN_PORT}${pathname.replace(/^\/hls/, '')}`
  }

  async function openViewer(): Promise<Page> {
    browser = await chromium.launch(playwrightConfig.use?.launchOptions)
    const { page } = await attend(browser, schoolClass, 'Vic', 'student')
    await page.locator('[data-playback="playing"]').waitFor({ timeout: WAIT_MS })
    return page
  }

  const key = { token: stack.config.adminApiKey }
  await call(stack, 'POST', `/classes/${id}/start`, key)
  await publish('Tara', 'teacher', films[0] ?? [], false)
  await publish('Ana', 'assistant', films[1] ?? [], true)
  console.error('two publish')
  const page = viewer ? await openViewer() : undefined
  const urls = (name: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => watchUrl(`${name} ${index}`)))
  const readerUrls = await urls('Reader', READERS)
  const job: Job = {
    readers: readerUrls.map((url, index) => ({ url, variant: VARIANTS[index % VARIANTS.length] ?? 'main' })),
    flood: { program, urls: await urls('Flood', FLOODS), perSecond, reads },
  }
  const asideUrl = `${job.readers[0]?.url.slice(0, -'index.m3u8'.length)}aside.m3u8`
  if (!(await waitUntil(async () => (await fetch(asideUrl)).status === 200, WAIT_MS))) {
    throw new Error('there is no second picture')
  }
  const readers = fork(join(import.meta.dirname, '../load/readers-process.ts'), {
    execArgv: ['--import', 'tsx'],
  })
  readers.send(job)
  const watching = await page?.evaluateHandle(installPictureWatch, STILL_MS)

  async function readPlan() {
    const text = await redis.get(keysOf(id).plan)
    return text === null ? null : parsePlan(id, text)
  }

  async function findWriter(runId: string): Promise<TestWorker | null> {
    for (const worker of workers) {
      const folder = `/proc/${worker.pid}/fd`
      const names = await readdir(folder).catch(() => [])
      const open = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')))
      if (open.some((path) => path.includes(`/${runId}/`))) return worker
    }
    return null
  }

  async function findNewestWriter() {
    const runId = (await readPlan())?.runs.at(-1)?.runId ?? ''
    const writer = await findWriter(runId)
    return writer && { runId, writer }
  }

  return {
    async killWriter() {
      let found = await findNewestWriter()
      // Between two runs there is none.
      while (!found) found = await findNewestWriter()
      const { runId, writer } = found
      workers.delete(writer)
      const at = Date.now()
      await writer.kill()
      const restart = new Promise((resolve) => setTimeout(resolve, RESTART_MS))
        .then(start)
        .then((worker) => void workers.add(worker))
      restarts.add(restart)
      return { at, runId }
    },
    async ask(question) {
      readers.send(question)
      const [look] = await once(readers, 'message')
      return look as Look
    },
    async isWarm() {
      const plan = await readPlan()
      const waits = plan?.standby
      if (!waits) return false
      // Two runs of one worker die together: that is no standby.
      const [writer, other] = await Promise.all([
        findWriter(plan.runs.at(-1)?.runId ?? ''),
        findWriter(waits.runId),
      ])
      if (!writer || !other || writer === other) return false
      const health: RunHealth | null = parseHealth(
        await redis.hget(keysOf(id).health, toStandbyName(waits.runId)),
      )
      return (health?.segments ?? 0) >= 2
    },
    stillness: async () => (watching ? watching.evaluate((watch) => watch.stop()) : null),
    async stop() {
      if (readers.connected) readers.disconnect()
      await browser?.close()
      for (const socket of sockets) socket.disconnect()
      for (const child of publishers) child.kill()
      await Promise.allSettled(restarts)
      await Promise.all([...workers].map((worker) => worker.stop()))
      redis.disconnect()
      await stack.stop()
    },
  }
}
