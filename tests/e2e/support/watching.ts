import { type CDPSession, expect, type Page } from '@playwright/test'
import { broadcast } from './media'

/** What the player says of itself, ms behind live. */
export async function delayOf(page: Page): Promise<number> {
  const text = await page.locator('[data-playback]').getAttribute('data-delay-ms')
  return text === null ? Number.NaN : Number(text)
}

/** The element's time goes on: pictures or not. */
export async function expectPlaying(page: Page, seconds: number): Promise<void> {
  const position = () => broadcast(page).evaluate((v) => (v as HTMLVideoElement).currentTime)
  const before = await position()
  await expect.poll(position, { timeout: 40_000 }).toBeGreaterThan(before + seconds)
}

/** Words that the page may show for less than a second: looked for at every frame from now on. */
export function noteWords(page: Page, words: string): Promise<unknown> {
  return page.waitForFunction((text) => document.body.textContent?.includes(text), words, {
    polling: 'raf',
    timeout: 20_000,
  })
}

/** Each session has a throttle of its own, and the tightest counts. */
const sessions = new WeakMap<Page, Promise<CDPSession>>()

/** A link of so many kbit/s, for this page alone; null: as fast as the machine. */
export async function throttle(page: Page, kilobits: number | null): Promise<void> {
  const opened = sessions.get(page) ?? page.context().newCDPSession(page)
  sessions.set(page, opened)
  const session = await opened
  const bytesPerSecond = kilobits === null ? -1 : (kilobits * 1_000) / 8
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: kilobits === null ? 0 : 80,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  })
}

/** What the browser puts into the page's console as an error from now on: a request that failed among others. */
export function noteComplaints(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
  })
  return complaints
}
