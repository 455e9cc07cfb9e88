import { spawn } from 'node:child_process'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import playwrightConfig from '../../playwright.config'
import { startCrowd } from '../../scripts/demo/crowd'
import { createHttp } from '../../scripts/demo/http'
import { createTally } from '../../scripts/demo/tally'
import { toLoopbackUrl } from '../../scripts/stack/loopback'
import { attend, createClass } from '../e2e/support/school'
import { buildPublisher, startPublisher } from '../support/go-publisher'
import { startTestStack } from '../support/stack'
import { enterTeacher, makeFlashes } from './film-teacher'
import { offsetsOf, type SegmentLine } from './flash-and-beep'
import { readIdle, usageOf } from './process-cost'
import { quantile } from './report'
import { type Look, reportLooks, say } from './soak-report'

/** Two hours: a long lesson, recorded, with a small crowd that does things all the time. */
const MINUTES = Number(process.env.BENCH_MINUTES ?? 120)
const STUDENTS = Number(process.env.BENCH_STUDENTS ?? 40)
/** Times a human pace: two hours' worth of facts are of a much fuller class. */
const PACE = 5
const LOOK_EVERY_MS = 60_000
/** Sound against picture, of the first minutes and of the last: a quarter of what anybody sees. */
const MOST_DRIFT_MS = 10
const SYNC_SEGMENTS = 60
const AGE_LOOKS = 20
const WAIT_MS = 60_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const stack = await startTestStack()
process.env.AMPHI_URL = stack.url
process.env.ADMIN_API_KEY = stack.config.adminApiKey
const launchOptions = playwrightConfig.use?.launchOptions
const browser = await chromium.launch(launchOptions)
const leaving = new AbortController()
try {
  const http = createHttp(stack.config)
  const films = [
    await makeFlashes(stack.config.dataDir, 320, 180),
    await makeFlashes(stack.config.dataDir, 640, 360),
  ]
  const schoolClass = await createClass({ title: 'Long lesson', seats: 0, recording: 'on' })
  const { id } = schoolClass
  const { livekit } = await enterTeacher(http, toLoopbackUrl(stack.config), id, leaving.signal)
  await http.call('POST', `/classes/${id}/start`, { body: {} })
  const publisher = await startPublisher(await buildPublisher(), livekit, films)
  leaving.signal.addEventListener('abort', () => publisher.kill())

  const viewer = await attend(browser, schoolClass, 'Vic', 'student')
  await viewer.page.locator('[data-playback="playing"]').waitFor({ timeout: WAIT_MS })
  const plain = watchPlainly(await joinUrlOf('Pat'))
  leaving.signal.addEventListener('abort', () => plain.kill())
  const pageErrors: string[] = []
  viewer.page.on('pageerror', (error) => pageErrors.push(error.message))
  const tally = createTally()
  const found = { id, code: schoolClass.code, title: '', phase: 'live' as const, languages: ['en'] }
  const options = { students: STUDENTS, seed: 1, minutes: null, pace: PACE, code: null }
  const crowd = await startCrowd({ config: stack.config, http, found, options, tally })

  const classDir = join(stack.config.broadcast.dir, id)
  const firstRun = await newestRun(classDir)
  const looks: Look[] = []
  const idleBefore = readIdle()
  const workerBefore = { ...usageOf(stack.children.worker?.pid ?? 0), at: Date.now() }
  const standing = await viewer.page.evaluateHandle(watchStanding)
  const until = Date.now() + MINUTES * 60_000
  while (Date.now() < until) {
    await pause(LOOK_EVERY_MS)
    looks.push(await look())
    console.error(JSON.stringify(looks.at(-1)))
  }
  const stood = await standing.evaluate((kept) => kept.share())
  const idleAfter = readIdle()
  const workerAfter = { ...usageOf(stack.children.worker?.pid ?? 0), at: Date.now() }

  say('minutes', MINUTES, 'count')
  reportLooks(looks)
  const lastRun = await newestRun(classDir)
  const first = await offsetsOf(firstRun, 'main', (all: SegmentLine[]) => all.slice(5, 5 + SYNC_SEGMENTS))
  const last = await offsetsOf(lastRun, 'main', (all: SegmentLine[]) => all.slice(-SYNC_SEGMENTS))
  const [before, after] = [quantile(first, 0.5), quantile(last, 0.5)]
  say('picture_after_sound_first', before, 'ms')
  say('picture_after_sound_last', after, 'ms')
  say('picture_after_sound_drift', Math.abs(after - before), 'ms', MOST_DRIFT_MS)
  say('looks_that_stood', stood, 'share')
  say('page_errors', pageErrors.length, 'count', 0)
  say('runs', (await runsOf(classDir)).length, 'count')
  const seconds = (workerAfter.at - workerBefore.at) / 1000
  say('cores', (workerAfter.cpuSeconds - workerBefore.cpuSeconds) / seconds, 'cores')
  say('journal', (await stat(join(lastRun, 'journal.ndjson'))).size, 'bytes')
  for (const [what, count] of tally.errors) say(`crowd_${what}`, count, 'count')
  say('idle', (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total), 'share')
  await crowd.leave()

  async function joinUrlOf(name: string): Promise<string> {
    const body = { name, role: 'student' }
    return ((await http.call('POST', `/classes/${id}/people`, { body })) as { joinUrl: string }).joinUrl
  }

  async function readCachedBytes(): Promise<number> {
    const metrics = await (await fetch(`http://127.0.0.1:${stack.config.origin.port}/metrics`)).text()
    return Number(/amphi_origin_cached_bytes (\d+)/.exec(metrics)?.[1])
  }

  async function look(): Promise<Look> {
    const parts = Object.entries(stack.children).map(([name, child]) => [
      name,
      usageOf(child.pid ?? 0).rssBytes,
    ])
    const rss = Object.fromEntries([...parts, ['browser', usageOf(plain.pid ?? 0).rssBytes]])
    const cached = await readCachedBytes()
    rss.origin -= cached
    const session = await viewer.context.newCDPSession(viewer.page)
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    await session.detach()
    const around = viewer.page.locator('[data-playback]')
    const delayMs = Number(await around.getAttribute('data-delay-ms'))
    const ages: number[] = []
    while (ages.push(await ageOf(await newestRun(classDir))) < AGE_LOOKS) await pause(100)
    return { at: Date.now(), rss, cached, heap: usedSize, ageMs: quantile(ages, 0.5), delayMs }
  }
} finally {
  leaving.abort()
  await browser.close()
  await stack.stop()
}

/** A browser that nobody looks into: its developer tools keep every answer of the network, hundreds of MB an hour. */
function watchPlainly(url: string) {
  const profile = `--user-data-dir=${join(stack.config.dataDir, 'plain-browser')}`
  const args = [...(launchOptions?.args ?? []), '--headless=new', profile, url]
  return spawn(launchOptions?.executablePath ?? '', args, { stdio: 'ignore' })
}

async function runsOf(classDir: string): Promise<string[]> {
  const names = await readdir(classDir).catch(() => [] as string[])
  return names.filter((name) => name.startsWith('run_'))
}

/** Of a class that is broadcast: where its newest run is written. */
async function newestRun(classDir: string): Promise<string> {
  let newest = { dir: '', madeAt: 0 }
  for (const run of await runsOf(classDir)) {
    const dir = join(classDir, run)
    const { birthtimeMs } = await stat(dir)
    if (birthtimeMs > newest.madeAt) newest = { dir, madeAt: birthtimeMs }
  }
  return newest.dir
}

/** Runs in the page: in which share of looks, ten a second, the picture's position had not moved. Keeps two numbers. */
function watchStanding(): { share(): number } {
  let last = -1
  let stood = 0
  let looks = 0
  setInterval(() => {
    const video = document.querySelector<HTMLVideoElement>('video[aria-label="Class broadcast"]')
    looks += 1
    if (video?.currentTime === last) stood += 1
    last = video?.currentTime ?? -1
  }, 100)
  return { share: () => stood / looks }
}

/** How long ago, by this machine's clock, the newest part of the sound ended. */
async function ageOf(runDir: string): Promise<number> {
  const file = await open(join(runDir, 'journal.ndjson'))
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, Math.max(0, size - 8192))
    const lines = buffer.subarray(0, bytesRead).toString().split('\n').slice(1, -1)
    const parts = lines
      .map((line) => JSON.parse(line))
      .filter((one) => one.t === 'part' && one.variant === 'audio')
    const { pdt, duration } = parts.at(-1) as { pdt: number; duration: number }
    return Date.now() - (pdt + duration * 1000)
  } finally {
    await file.close()
  }
}
