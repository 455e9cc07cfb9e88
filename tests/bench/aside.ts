import { chromium, type Locator, type Page } from '@playwright/test'
import playwrightConfig from '../../playwright.config'
import { broadcast, expectMoving } from '../e2e/support/media'
import { attend, createClass } from '../e2e/support/school'
import { startTestStack } from '../support/stack'
import { readIdle } from './process-cost'
import { type Line, quantile, report } from './report'
import { installStampedCamera, readStamps, toAges } from './stamp'

/** The two pictures of a class that shares a screen: in step, and which of them a weak link loses first. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60)
/** More than this is seen: lips and hands, a pointer and the voice. */
const IN_STEP_MS = 100
const SETTLE_MS = 60_000
const KEPT_MS = 5_000
const DROP_MS = 30_000
const LOOK_MS = 100
/** Longer for a round trip than a part plays, wide enough for one picture. */
const WEAK = { offline: false, latency: 400, downloadThroughput: 190_000, uploadThroughput: 190_000 }

/** Pictures of the first that are this near to one of the second are seen at the same moment: a shared page has ten a second. */
const NEAR_MS = 250

const say = (metric: string, value: number, unit: Line['unit'], atMost?: number) =>
  report({ bench: 'aside', metric, value, unit, atMost })
const aside = (page: Page) => page.locator('video[aria-label="Second picture"]')

/** By how much the dates of the two pictures on the page differ, ms; NaN while there is no second one. */
function watchSteps(page: Page, forMs: number): Promise<number[]> {
  return page.evaluate(
    ({ looks, everyMs }) =>
      new Promise<number[]>((resolve) => {
        const steps: number[] = []
        const timer = setInterval(() => {
          const video = document.querySelector<HTMLElement>('video[aria-label="Second picture"]')
          steps.push(Math.abs(Number(video?.dataset.aheadMs)))
          if (steps.length < looks) return
          clearInterval(timer)
          resolve(steps)
        }, everyMs)
      }),
    { looks: forMs / LOOK_MS, everyMs: LOOK_MS },
  )
}

/** What is seen, whatever the page says: by how much the pictures of the second are older or younger than the first's, ms. */
async function watchStamps(page: Page, seconds: number): Promise<number[]> {
  const watch = async (video: Locator) => {
    const seen: Awaited<ReturnType<typeof readStamps>> = await video.evaluate(
      (element, [source, forSeconds]) => new Function(`return ${source}`)()(element, forSeconds),
      [readStamps.toString(), seconds] as const,
    )
    return seen.pictures
  }
  const [first, second] = await Promise.all([watch(broadcast(page)), watch(aside(page))])
  return second.flatMap(({ at, age }) => {
    const around = toAges(first.filter((picture) => Math.abs(picture.at - at) < NEAR_MS))
    if (age === null || around.length === 0) return []
    return Math.abs(age - around.reduce((sum, each) => sum + each, 0) / around.length)
  })
}

/** It has found its place when it has kept to it for some seconds: before, the first one goes to its own. */
async function settle(page: Page): Promise<void> {
  const until = Date.now() + SETTLE_MS
  while (Date.now() < until) if ((await watchSteps(page, KEPT_MS)).every((ms) => ms < IN_STEP_MS)) return
  throw new Error('The second picture did not come into step: is the machine too busy for two?')
}

const stack = await startTestStack()
process.env.AMPHI_URL = stack.url
process.env.ADMIN_API_KEY = stack.config.adminApiKey
const browser = await chromium.launch(playwrightConfig.use?.launchOptions)
try {
  const schoolClass = await createClass({ title: 'Beside', seats: 0 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher', { before: installStampedCamera })
  const { page } = await attend(browser, schoolClass, 'Vic', 'student')
  await teacher.page.getByRole('button', { name: 'Turn camera on' }).click()
  await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
  await teacher.page.getByRole('button', { name: 'Start class' }).click()
  await teacher.page.getByRole('button', { name: 'Share screen' }).click()
  await expectMoving(broadcast(page))
  await settle(page)
  const before = readIdle()
  const [steps, stamps] = await Promise.all([watchSteps(page, SECONDS * 1_000), watchStamps(page, SECONDS)])
  const after = readIdle()
  const seen = steps.filter((ms) => !Number.isNaN(ms))
  say('off_p50', quantile(seen, 0.5), 'ms')
  say('off_p95', quantile(seen, 0.95), 'ms', IN_STEP_MS)
  say('seen_off_p50', quantile(stamps, 0.5), 'ms')
  say('seen_off_p95', quantile(stamps, 0.95), 'ms', IN_STEP_MS)
  say('away', 1 - seen.length / steps.length, 'share')
  say('idle', (after.idle - before.idle) / (after.total - before.total), 'share')

  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', WEAK)
  const weakAt = Date.now()
  await aside(page).waitFor({ state: 'detached', timeout: DROP_MS })
  say('dropped_after', Date.now() - weakAt, 'ms')
  const carried = () => page.locator('[data-playback]').getAttribute('data-carried')
  const first = await carried()
  await expectMoving(broadcast(page))
  const kept = first === 'picture' && (await carried()) === 'picture'
  report({ bench: 'aside', metric: 'first_picture_kept', value: kept ? 1 : 0, unit: 'count', atLeast: 1 })
} finally {
  await browser.close()
  await stack.stop()
}
