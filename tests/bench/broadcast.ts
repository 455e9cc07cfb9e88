import { chromium } from '@playwright/test'
import playwrightConfig from '../../playwright.config'
import { broadcast } from '../e2e/support/media'
import { attend, createClass } from '../e2e/support/school'
import { startTestStack } from '../support/stack'
import { type FirstPicture, joinOnce } from './first-picture'
import { readIdle, usageOf } from './process-cost'
import { quantile, report } from './report'
import { installStampedCamera, readStamps } from './stamp'

/** The gate's five minutes: the class's layers, clocks and key frames go through all they do. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 300)

/** Further viewers, one after another, who come while the broadcast is on. */
const JOINS = Number(process.env.BENCH_JOINS ?? 12)

/** The player reaches its target latency, and LiveKit's layers their full size, well within this. */
const SETTLE_SECONDS = 15

/** Glass to glass of one 720p30 teacher and one viewer, real Chromium on both sides, on one machine's clock. */
const stack = await startTestStack()
process.env.AMPHI_URL = stack.url
process.env.ADMIN_API_KEY = stack.config.adminApiKey
const browser = await chromium.launch(playwrightConfig.use?.launchOptions)
try {
  const schoolClass = await createClass({ title: 'Bench', seats: 0 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher', {
    before: installStampedCamera,
    search: 'capture=1280x720x30',
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
  report({ bench: 'broadcast', metric: 'cold_first_picture', value: Date.now() - asked, unit: 'ms' })
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
  const after = { usage: usageOf(worker), idle: readIdle(), at: Date.now() }
  const seconds = (after.at - before.at) / 1000
  const idle = (after.idle.idle - before.idle.idle) / (after.idle.total - before.idle.total)
  report({ bench: 'broadcast', metric: 'p50', value: quantile(seen.ages, 0.5), unit: 'ms' })
  report({ bench: 'broadcast', metric: 'p95', value: quantile(seen.ages, 0.95), unit: 'ms' })
  report({ bench: 'broadcast', metric: 'max', value: Math.max(...seen.ages), unit: 'ms' })
  report({ bench: 'broadcast', metric: 'stalls', value: seen.stalls, unit: 'count' })
  report({ bench: 'broadcast', metric: 'frames_per_second', value: seen.ages.length / seconds, unit: '1/s' })
  report({ bench: 'broadcast', metric: 'unreadable', value: seen.unreadable, unit: 'count' })
  const cores = (after.usage.cpuSeconds - before.usage.cpuSeconds) / seconds
  report({ bench: 'broadcast', metric: 'cores', value: cores, unit: 'cores' })
  report({ bench: 'broadcast', metric: 'rss', value: after.usage.rssBytes, unit: 'bytes' })
  report({ bench: 'broadcast', metric: 'idle', value: idle, unit: 'share' })
  if (JOINS > 0) {
    const joins: FirstPicture[] = []
    for (let i = 0; i < JOINS; i++) joins.push(await joinOnce(browser, schoolClass, `Joiner ${i + 1}`))
    const tell = (metric: string, share: number, pick: (join: FirstPicture) => number) =>
      report({ bench: 'broadcast', metric, value: quantile(joins.map(pick), share), unit: 'ms' })
    tell('first_picture_p50', 0.5, ({ fromPlay }) => fromPlay)
    tell('first_picture_p95', 0.95, ({ fromPlay }) => fromPlay)
    tell('moving_picture_p95', 0.95, ({ movingFromPlay }) => movingFromPlay)
    tell('page_to_picture_p95', 0.95, ({ fromPage }) => fromPage)
  }
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  await browser.close()
  await stack.stop()
}
