import { writeFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import playwrightConfig from '../../playwright.config'
import { broadcast, publishedVideo } from '../e2e/support/media'
import { attend, createClass } from '../e2e/support/school'
import { startTestStack } from '../support/stack'
import { type FirstPicture, joinOnce } from './first-picture'
import { readIdle, usageOf } from './process-cost'
import { type Line, quantile, report } from './report'
import { installStampedCamera, readStamps, toAges } from './stamp'

/** The gate's five minutes: the class's layers, clocks and key frames go through all they do. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 300)

/** Further viewers, one after another, who come while the broadcast is on. */
const JOINS = Number(process.env.BENCH_JOINS ?? 12)

/** The player reaches its target latency, and LiveKit's layers their full size, well within this. */
const SETTLE_SECONDS = 15

/** What the camera has is what is to be seen, but for a moment of a busy machine. */
const HEIGHT = 720
const MOST = 0.95
const PACE = 25
/** What nobody would call a stall. */
const STAND_MS = 1_000

const say = (metric: string, value: number, unit: Line['unit'], atMost?: number) =>
  report({ bench: 'broadcast', metric, value, unit, atMost })

/** Glass to glass of one 720p30 teacher and one viewer, real Chromium on both sides, on one machine's clock. */
const stack = await startTestStack()
process.env.AMPHI_URL = stack.url
process.env.ADMIN_API_KEY = stack.config.adminApiKey
const browser = await chromium.launch(playwrightConfig.use?.launchOptions)
try {
  const schoolClass = await createClass({ title: 'Bench', seats: 0 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher', {
    before: installStampedCamera,
    // As any teacher's: 720p, and two layers below.
    search: '',
  })
  const viewer = await attend(browser, schoolClass, 'Vic', 'student')
  await teacher.page.getByRole('button', { name: 'Turn camera on' }).click()
  await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
  const asked = Date.now()
  await teacher.page.getByRole('button', { name: 'Start class' }).click()
  await broadcast(viewer.page).waitFor()
  await broadcast(viewer.page).evaluate(
    (v) => new Promise<void>((resolve) => (v as HTMLVideoElement).requestVideoFrameCallback(() => resolve())),
  )
  say('cold_first_picture', Date.now() - asked, 'ms', 5_000)
  // The player settles on its target latency first.
  await broadcast(viewer.page).evaluate(
    (element, seconds) =>
      new Promise<void>((resolve) => {
        const video = element as HTMLVideoElement
        const from = video.currentTime
        video.addEventListener('timeupdate', () => video.currentTime - from > seconds && resolve())
      }),
    SETTLE_SECONDS,
  )

  const worker = stack.children.worker?.pid ?? 0
  const before = { usage: usageOf(worker), idle: readIdle(), at: Date.now() }
  const seen = await broadcast(viewer.page).evaluate(
    (video, [source, seconds]) => new Function(`return ${source}`)()(video, seconds),
    [readStamps.toString(), SECONDS] as const,
  )
  const { pictures, stalls }: Awaited<ReturnType<typeof readStamps>> = seen
  const ages = toAges(pictures)
  if (process.env.BENCH_TRACE) writeFileSync(process.env.BENCH_TRACE, JSON.stringify(pictures))
  const after = { usage: usageOf(worker), idle: readIdle(), at: Date.now() }
  const seconds = (after.at - before.at) / 1000
  const idle = (after.idle.idle - before.idle.idle) / (after.idle.total - before.idle.total)
  const [sent] = await publishedVideo(teacher.page)
  report({ bench: 'broadcast', metric: 'layers', value: sent?.layers ?? 0, unit: 'count', atLeast: 3 })
  say('p50', quantile(ages, 0.5), 'ms', 1_500)
  say('p95', quantile(ages, 0.95), 'ms', 1_800)
  say('max', Math.max(...ages), 'ms')
  say('stalls', stalls, 'count', 0)
  const full = pictures.filter(({ height }) => height === HEIGHT).length / pictures.length
  report({ bench: 'broadcast', metric: `share_at_${HEIGHT}p`, value: full, unit: 'share', atLeast: MOST })
  const stood = pictures.slice(1).map(({ at }, index) => at - (pictures[index]?.at ?? at))
  say('longest_stand', Math.max(...stood), 'ms', STAND_MS)
  const pace = pictures.length / seconds
  report({ bench: 'broadcast', metric: 'frames_per_second', value: pace, unit: '1/s', atLeast: PACE })
  say('unreadable', 1 - ages.length / pictures.length, 'share', 1 - MOST)
  say('cores', (after.usage.cpuSeconds - before.usage.cpuSeconds) / seconds, 'cores')
  say('rss', after.usage.rssBytes, 'bytes')
  say('idle', idle, 'share')
  if (JOINS > 0) {
    const joins: FirstPicture[] = []
    for (let i = 0; i < JOINS; i++) joins.push(await joinOnce(browser, schoolClass, `Joiner ${i + 1}`))
    const tell = (metric: string, share: number, pick: (join: FirstPicture) => number, atMost?: number) =>
      say(metric, quantile(joins.map(pick), share), 'ms', atMost)
    tell('first_picture_p50', 0.5, ({ fromPlay }) => fromPlay)
    tell('first_picture_p95', 0.95, ({ fromPlay }) => fromPlay, 1_500)
    tell('moving_picture_p95', 0.95, ({ movingFromPlay }) => movingFromPlay)
    tell('page_to_picture_p95', 0.95, ({ fromPage }) => fromPage)
  }
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  await browser.close()
  await stack.stop()
}
