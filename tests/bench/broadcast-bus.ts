import { writeFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import playwrightConfig from '../../playwright.config'
import { createRandom } from '../../scripts/demo/random'
import { broadcast } from '../e2e/support/media'
import { attend, createClass } from '../e2e/support/school'
import { startSlowLink } from '../support/slow-link'
import { startTestStack } from '../support/stack'
import { installPlaybackLog, type PlaybackLook } from './playback-log'
import { readIdle } from './process-cost'
import { type Line, quantile, report } from './report'

/** Watching, and then listening; an outage a minute. */
const OUTAGES = Number(process.env.BENCH_OUTAGES ?? 4)
const SOUND_SECONDS = Number(process.env.BENCH_SOUND_SECONDS ?? 60)
/** What the teacher's camera gives; empty: as with any teacher, 720p in three sizes. */
const CAPTURE = process.env.BENCH_CAPTURE ?? ''
const OUTAGE_EVERY_MS = 60_000
const OUTAGE_MS = 5_000
/** The player has picture and target by then. */
const SETTLE_MS = 20_000
/** Held bytes, a lost request and the first new part: what follows within this belongs to the outage. */
const AFTERMATH_MS = 2_000
/** An outage teaches the target something only when what was missed has come in. */
const STEADY_MS = 10_000
/** What is normal on this link: the middle of so long before the first outage. */
const NORMAL_MS = 20_000
/** So much the target goes up and down by itself, from one lost packet to the next. */
const TARGET_PLAY_MS = 300
/** One kind of luck for every run. */
const SEED = 20_261_123

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (metric: string, value: number, unit: Line['unit'], atMost?: number) =>
  report({ bench: 'broadcast-bus', metric, value, unit, atMost })

type Outage = { from: number; to: number }

async function watchWithOutages(setDown: (down: boolean) => void): Promise<Outage[]> {
  const outages: Outage[] = []
  // A quiet time before and after each.
  await pause(OUTAGE_EVERY_MS / 2)
  while (outages.length < OUTAGES) {
    const from = Date.now()
    setDown(true)
    await pause(OUTAGE_MS)
    setDown(false)
    outages.push({ from, to: Date.now() })
    await pause(OUTAGE_EVERY_MS - OUTAGE_MS)
  }
  return outages
}

/** A jump is none. */
function isMoving(before: PlaybackLook | undefined, look: PlaybackLook): boolean {
  const seconds = look.position - (before?.position ?? Number.NaN)
  return seconds > 0 && seconds < 1
}

/** When it became so for some seconds; infinite, where it never did. */
function untilSteady(looks: readonly PlaybackLook[], isSo: (look: PlaybackLook) => boolean): number {
  let since: number | null = null
  for (const look of looks) {
    if (!isSo(look)) since = null
    else since ??= look.at
    if (since !== null && look.at - since >= STEADY_MS) return since
  }
  return Number.POSITIVE_INFINITY
}

function tellWatching(looks: readonly PlaybackLook[], outages: readonly Outage[]): void {
  const within = (at: number) => outages.some(({ from, to }) => at >= from && at < to + AFTERMATH_MS)
  let stoodMs = 0
  let outsideMs = 0
  let longestMs = 0
  let standingMs = 0
  let stalls = 0
  looks.forEach((look, index) => {
    const before = looks[index - 1]
    if (!before || within(look.at)) {
      standingMs = 0
      return
    }
    const ms = look.at - before.at
    outsideMs += ms
    if (look.position !== before.position) {
      standingMs = 0
      return
    }
    if (standingMs === 0) stalls += 1
    standingMs += ms
    stoodMs += ms
    longestMs = Math.max(longestMs, standingMs)
  })
  say('rebuffering', stoodMs / outsideMs, 'share', 0.01)
  say('stalls', stalls, 'count')
  say('longest_stall', longestMs, 'ms')
  const delays = looks.flatMap(({ delayMs }) => delayMs ?? [])
  say('delay_p50', quantile(delays, 0.5), 'ms')
  say('delay_p95', quantile(delays, 0.95), 'ms')
  for (const height of [...new Set(looks.map((look) => look.height))].sort((a, b) => a - b)) {
    // Sound alone has no height.
    say(`share_at_${height}p`, looks.filter((look) => look.height === height).length / looks.length, 'share')
  }
  // Sound alone goes on where no picture would: what stands so is none of the figures above.
  const pictures = looks.filter(({ height }) => height > 0).length / looks.length
  report({ bench: 'broadcast-bus', metric: 'with_picture', value: pictures, unit: 'share', atLeast: 0.9 })
  const [first] = outages
  const calm = looks.filter(({ at }) => first && at < first.from && at >= first.from - NORMAL_MS)
  const normal = (pick: (look: PlaybackLook) => number | null) =>
    quantile(
      calm.flatMap((look) => pick(look) ?? []),
      0.5,
    )
  const target = normal(({ targetMs }) => targetMs)
  say('target_normal', target, 'ms')
  const delay = normal(({ delayMs }) => delayMs)
  outages.forEach((outage, index) => {
    const until = outages[index + 1]?.from ?? Number.POSITIVE_INFINITY
    const after = looks.filter(({ at }) => at >= outage.to && at < until)
    const moving = after.find((look, place) => isMoving(after[place - 1], look))
    if (moving) say('moving_after_outage', moving.at - outage.to, 'ms')
    const greatest = Math.max(...after.map(({ targetMs }) => targetMs ?? 0))
    say('target_after_outage_max', greatest, 'ms')
    const isBack = ({ targetMs }: PlaybackLook) => (targetMs ?? 0) <= target + TARGET_PLAY_MS
    say('target_back', untilSteady(after, isBack) - outage.to, 'ms', 60_000)
    say('delay_back', untilSteady(after, ({ delayMs }) => (delayMs ?? 0) <= delay + 500) - outage.to, 'ms')
  })
}

const stackPort = { origin: 0 }
/** A phone in a bus, between the real player and the real origin: 1.2 Mbit/s, 150 +- 80 ms, 2 % loss, outages. */
const link = await startSlowLink(
  { bitsPerSecond: 1_200_000, delayMs: 150, jitterMs: 80, loss: 0.02 },
  () => stackPort.origin,
  createRandom(SEED).next,
)
const stack = await startTestStack({ ORIGIN_PUBLIC_URL: `http://127.0.0.1:${link.port}` })
stackPort.origin = Number(stack.env.ORIGIN_PORT)
process.env.AMPHI_URL = stack.url
process.env.ADMIN_API_KEY = stack.config.adminApiKey
const browser = await chromium.launch(playwrightConfig.use?.launchOptions)
try {
  const schoolClass = await createClass({ title: 'Bus', seats: 0 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher', {
    search: CAPTURE ? `capture=${CAPTURE}` : '',
  })
  const viewer = await attend(browser, schoolClass, 'Vic', 'student')
  await teacher.page.getByRole('button', { name: 'Turn camera on' }).click()
  await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
  await teacher.page.getByRole('button', { name: 'Start class' }).click()
  await broadcast(viewer.page).waitFor()
  await viewer.page.locator('[data-playback="playing"]').waitFor({ timeout: 60_000 })
  await pause(SETTLE_MS)

  const born = await viewer.page.evaluate(() => performance.timeOrigin)
  const idleBefore = readIdle()
  const log = await viewer.page.evaluateHandle(installPlaybackLog)
  const outages = await watchWithOutages(link.setDown)
  const looks = await log.evaluate((kept) => kept.stop())
  const idleAfter = readIdle()
  if (process.env.BENCH_TRACE) {
    writeFileSync(process.env.BENCH_TRACE, JSON.stringify({ looks, outages }))
  }
  tellWatching(looks, outages)
  const again = await viewer.page.evaluate(() => performance.timeOrigin)
  say('reloads', again === born ? 0 : 1, 'count', 0)

  await viewer.page.getByRole('button', { name: 'Quality' }).click()
  await viewer.page.getByRole('menuitem', { name: 'Audio only' }).click()
  await viewer.page.locator('[data-carried="sound"][data-playback="playing"]').waitFor()
  await pause(SETTLE_MS / 2)
  const before = { ...link.counts(), at: Date.now() }
  const sound = await viewer.page.evaluateHandle(installPlaybackLog)
  await pause(SOUND_SECONDS * 1_000)
  const heard = await sound.evaluate((kept) => kept.stop())
  const after = { ...link.counts(), at: Date.now() }
  const hours = (after.at - before.at) / 3_600_000
  say('sound_bytes_an_hour', (after.bytes - before.bytes) / hours, 'bytes', 40_000_000)
  const stood = heard.filter(({ position }, index) => index > 0 && position === heard[index - 1]?.position)
  say('sound_rebuffering', stood.length / heard.length, 'share')
  const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
  say('idle', idle, 'share')
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  await browser.close()
  await stack.stop()
  await link.close()
}
