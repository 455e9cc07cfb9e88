import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { chromium } from '@playwright/test'
import type * as Livekit from 'livekit-client'
import { findChromium } from '../../scripts/setup/packages'
import { ROOT } from '../../scripts/stack/paths'
import { findProgram } from '../../scripts/stack/programs'

declare global {
  interface Window {
    LivekitClient: typeof Livekit
    room: Livekit.Room
    /** Whether the client could publish, after each change that LiveKit told it. */
    told: boolean[]
  }
}

const CLIENT = join(ROOT, 'node_modules/livekit-client/dist/livekit-client.umd.js')

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findProgram(findChromium(process.env) ?? 'chromium') ?? findChromium(process.env),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
}

/** A page that is in a LiveKit room with the real client: `window.room`. */
export async function joinRoom(browser: Browser, url: string, token: string): Promise<Page> {
  const { page, entered } = await knock(browser, url, token)
  await entered
  return page
}

/** A page on its way into a LiveKit room; `entered` rejects where it is turned away. */
export async function knock(
  browser: Browser,
  url: string,
  token: string,
): Promise<{ page: Page; entered: Promise<void> }> {
  const page = await browser.newPage()
  // LiveKit's own "OK" is a page of this machine: a secure context, with devices.
  await page.goto(url.replace('ws', 'http'))
  await page.addScriptTag({ path: CLIENT })
  const entered = page.evaluate(
    async ([to, key]) => {
      window.room = new window.LivekitClient.Room({ publishDefaults: { videoCodec: 'h264' } })
      await window.room.connect(to, key)
    },
    [url, token] as const,
  )
  return { page, entered }
}

/** Resolves when the client itself knows that it may (not) publish. */
export async function untilMayPublish(page: Page, may: boolean): Promise<void> {
  await page.waitForFunction(
    (wanted) => window.room.localParticipant.permissions?.canPublish === wanted,
    may,
    {
      polling: 20,
    },
  )
}

/** From now on, every change of what they may is kept in `window.told`. */
export function keepTold(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { localParticipant } = window.room
    window.told = []
    localParticipant.on('participantPermissionsChanged', () =>
      window.told.push(localParticipant.permissions?.canPublish === true),
    )
  })
}

export async function untilDisconnected(page: Page): Promise<void> {
  await page.waitForFunction(() => window.room.state === 'disconnected', undefined, { polling: 50 })
}
