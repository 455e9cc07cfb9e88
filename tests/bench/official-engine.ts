import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import playwrightConfig from '../../playwright.config'
import { type OfficialEngine, startOfficialEngine } from '../../scripts/official-engine/engine'
import { findMissing } from '../../scripts/official-engine/programs'
import { waitUntil } from '../../scripts/stack/wait-until'
import { broadcast, expectMoving } from '../e2e/support/media'
import { attend, createClass } from '../e2e/support/school'
import { buildPublisher } from '../support/go-publisher'
import { startTestStack } from '../support/stack'
import { breakEngine, createCaller, measureDates, publish, readForever } from './official-engine-class'
import { readIdle, usageOf } from './process-cost'
import { quantile, report } from './report'
import { readStamps, toAges } from './stamp'
import { FILM_SECONDS, makeStampedFilms } from './stamped-film'

/** Ten segments of ours, twenty of theirs: key frames and the loads of both are in it. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20)
/** Players reach their target latency, and a Chrome its calm. */
const SETTLE_SECONDS = 12
const HEAL_MS = 60_000
const PATIENCE_MS = 120_000
const faults = (process.env.BENCH_FAULTS ?? 'handler,chrome,still').split(',').filter(Boolean)
const BENCH = 'official-engine'
const PEER = 'livekit-egress'
/** What a browser sends of a 720p camera. */
const layers = [
  { width: 320, height: 180, bitsPerSecond: 140_000 },
  { width: 640, height: 360, bitsPerSecond: 420_000 },
  { width: 1280, height: 720, bitsPerSecond: 1_650_000 },
]

/** Our worker and LiveKit's own Egress, one after the other, with the same teacher and the same viewer. */
const missing = findMissing()
if (missing.length > 0) {
  console.error(
    `Nothing was measured: LiveKit's own Egress is not installed here (not on the PATH: ${missing.join(', ')}).`,
  )
  process.exit(0)
}
const dir = await mkdtemp(join(tmpdir(), 'amphi-official-'))
const program = await buildPublisher()
const films = await makeStampedFilms(dir, layers)
const browser = await chromium.launch(playwrightConfig.use?.launchOptions)
try {
  const ours = await measureEngine(browser, 'worker')
  const theirs = await measureEngine(browser, PEER)
  const compare = (
    metric: string,
    pick: (found: Measured) => number,
    unit: 'ms' | 'cores' | 'bytes' | 'count',
  ) => {
    const [value, other] = [pick(ours), pick(theirs)]
    report({
      bench: BENCH,
      metric,
      value,
      unit,
      peer: PEER,
      ...(other > 0 && { ratio: round(value / other) }),
    })
    report({ bench: BENCH, metric: `peer_${metric}`, value: other, unit })
  }
  compare('first_picture', ({ firstPictureMs }) => firstPictureMs, 'ms')
  compare('p50', ({ ages }) => quantile(ages, 0.5), 'ms')
  compare('p95', ({ ages }) => quantile(ages, 0.95), 'ms')
  compare('stalls', ({ stalls }) => stalls, 'count')
  compare('cores', ({ cores }) => cores, 'cores')
  compare('origin_cores', ({ originCores }) => originCores, 'cores')
  compare('rss', ({ rssBytes }) => rssBytes, 'bytes')
  for (const [metric, value] of theirs.more) report({ bench: BENCH, metric, value, unit: 'ms' })
  report({ bench: BENCH, metric: 'illegal', value: ours.illegal + theirs.illegal, unit: 'count' })
  const idle = Math.min(ours.idle, theirs.idle)
  report({ bench: BENCH, metric: 'idle', value: idle, unit: 'share' })
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
  if (ours.illegal + theirs.illegal > 0) process.exitCode = 1
} finally {
  await browser.close()
  await rm(dir, { recursive: true, force: true })
}

type Measured = {
  firstPictureMs: number
  ages: number[]
  stalls: number
  cores: number
  originCores: number
  rssBytes: number
  idle: number
  illegal: number
  more: [metric: string, ms: number][]
}

async function measureEngine(browser: Browser, engine: 'worker' | 'livekit-egress'): Promise<Measured> {
  const stack = await startTestStack({ BROADCAST_ENGINE: engine })
  const { REDIS_URL = '', LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = stack.env
  const livekit = { url: LIVEKIT_URL, apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET }
  let official: OfficialEngine | null = null
  let publisher: ChildProcess | null = null
  const stopReading = new AbortController()
  try {
    if (engine === PEER)
      official = await startOfficialEngine({ redisUrl: REDIS_URL, livekit, dir: join(dir, 'o') })
    process.env.AMPHI_URL = stack.url
    process.env.ADMIN_API_KEY = stack.config.adminApiKey
    const schoolClass = await createClass({ title: 'Bench', seats: 0 })
    const viewer = await attend(browser, schoolClass, 'Vic', 'student')
    viewer.page.setDefaultTimeout(PATIENCE_MS)
    const call = createCaller(stack.url, stack.config.adminApiKey, schoolClass.id)
    const published = await publish(program, await call.livekit(), films)
    publisher = published.publisher
    const film = { beganAt: published.beganAt, lengthMs: FILM_SECONDS * 1000 }
    const asked = Date.now()
    await call.post('/start', {})
    await viewer.page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('video[aria-label="Class broadcast"]')
      return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0
    })
    const firstPictureMs = Date.now() - asked
    const reader = readForever(await call.playlistUrl(), stopReading.signal)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_SECONDS * 1000))

    const enginePids = official ? [official.pid, official.soundPid] : [stack.children.worker?.pid ?? 0]
    const originPids = [stack.children.origin?.pid ?? 0]
    const look = () => ({
      engine: sum(enginePids),
      origin: sum(originPids),
      idle: readIdle(),
      at: Date.now(),
    })
    const before = look()
    const seen = await broadcast(viewer.page).evaluate(
      (video, [source, seconds, film]) => new Function(`return ${source}`)()(video, seconds, film),
      [readStamps.toString(), SECONDS, film] as const,
    )
    const after = look()
    const seconds = (after.at - before.at) / 1000
    const more: Measured['more'] = []
    if (official) {
      more.push(['peer_date_late', await measureDates(stack.config.broadcast.dir, schoolClass.id, film)])
      for (const fault of faults) {
        const breaks = reader.breaks()
        const brokenAt = Date.now()
        breakEngine(official, fault)
        if (!(await waitUntil(async () => reader.breaks() > breaks, HEAL_MS))) {
          throw new Error(`the broadcast did not go on within ${HEAL_MS} ms: ${fault}`)
        }
        more.push([`heals_${fault}`, Date.now() - brokenAt])
        await expectMoving(broadcast(viewer.page))
      }
    }
    await viewer.context.close()
    return {
      firstPictureMs,
      ages: toAges(seen.pictures),
      stalls: seen.stalls,
      cores: (after.engine.cpuSeconds - before.engine.cpuSeconds) / seconds,
      originCores: (after.origin.cpuSeconds - before.origin.cpuSeconds) / seconds,
      rssBytes: after.engine.rssBytes,
      idle: (after.idle.idle - before.idle.idle) / (after.idle.total - before.idle.total),
      illegal: reader.illegal(),
      more,
    }
  } finally {
    stopReading.abort()
    publisher?.kill()
    await official?.stop()
    await stack.stop()
  }
}

function sum(pids: readonly number[]) {
  const all = pids.map(usageOf)
  return {
    cpuSeconds: all.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
    rssBytes: all.reduce((total, { rssBytes }) => total + rssBytes, 0),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
