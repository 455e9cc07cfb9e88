import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { ROOT } from '../../scripts/stack/paths'

/** As much of Shaka Player's interface as is used here. */
type Variant = { id: number; height: number | null; bandwidth: number }
type Shaka = {
  attach(video: HTMLVideoElement): Promise<void>
  configure(settings: object): boolean
  load(url: string): Promise<void>
  isLive(): boolean
  seekRange(): { start: number; end: number }
  goToLive(): void
  getVariantTracks(): Variant[]
  selectVariantTrack(track: Variant, clearBuffer: boolean): void
  getPlayheadTimeAsDate(): Date | null
  addEventListener(
    name: 'error',
    listener: (event: { detail: { code: number; data?: readonly unknown[]; message?: string } }) => void,
  ): void
}
declare global {
  interface Window {
    shaka: { Player: new () => Shaka; polyfill: { installAll(): void } }
    shakaPlayer: Shaka
    shakaHeights: number[]
  }
}

export type ShakaState = {
  position: number
  frames: number
  height: number
  ended: boolean
  live: boolean
  range: { start: number; end: number }
  /** Server time (ms) of what is seen. */
  dateMs: number | null
  /** Variants with a picture. */
  tracks: number
  /** Every height of the picture so far, in their order. */
  heights: number[]
}

const SCRIPT = join(ROOT, 'node_modules/shaka-player/dist/shaka-player.compiled.js')

/** How its own errors begin: `shaka: code file status`. */
const OWN = 'shaka:'
const PART = /-\d+\.\d+\.m4s$/
/** Without the token. */
const toName = (url: string) => new URL(url).pathname.split('/').slice(-2).join('/')

/** Shaka Player, a whole player that shares no code with ours, in a page of its own that plays a broadcast. */
export async function openShaka(browser: Browser, url: string): Promise<ShakaPage> {
  const page = await browser.newPage()
  const problems: string[] = []
  const parts: string[] = []
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    // Of an answer that is none: it is told below, by name.
    const isAnswer = text.startsWith('Failed to load resource')
    const isOwn = text.startsWith(OWN)
    if (isOwn) problems.push(text)
    else if (message.type() === 'error' && !isAnswer) problems.push(`console: ${text}`)
  })
  page.on('response', (response) => {
    const name = toName(response.url())
    if (response.status() >= 400) problems.push(`${response.status()} ${name}`)
    else if (PART.test(name)) parts.push(name)
  })
  await page.setContent('<video muted autoplay playsinline></video>')
  await page.addScriptTag({ path: SCRIPT })
  await page.evaluate(
    async ([address, own]) => {
      window.shaka.polyfill.installAll()
      const video = document.querySelector('video')
      if (!video) throw new Error('no video')
      const player = new window.shaka.Player()
      window.shakaPlayer = player
      window.shakaHeights = []
      player.addEventListener('error', ({ detail }) => {
        const { code, data, message } = detail
        const what = code
          ? `${code} ${String(data?.[0]).split('/').slice(-2).join('/')} ${data?.[1]}`
          : message
        console.info(`${own} ${what}`)
      })
      video.addEventListener('error', () => console.info(`${own} video: ${video.error?.message}`))
      video.addEventListener('resize', () => window.shakaHeights.push(video.videoHeight))
      await player.attach(video)
      // Else it lets nobody go further back than what there was when it came (`availabilityWindowOverride`).
      const manifest = { availabilityWindowOverride: Number.POSITIVE_INFINITY }
      player.configure({ manifest, streaming: { lowLatencyMode: true } })
      await player.load(address)
      void video.play()
    },
    [url, OWN] as const,
  )
  return createShakaPage(page, problems, parts)
}

export type ShakaPage = ReturnType<typeof createShakaPage>

function createShakaPage(page: Page, problems: readonly string[], parts: readonly string[]) {
  return {
    /** Errors that Shaka tells of, answers of 400 and more, errors of the page and in its console. */
    problems,
    /** Parts of segments that it was given. */
    parts,
    read: (): Promise<ShakaState> =>
      page.evaluate(() => {
        const player = window.shakaPlayer
        const video = document.querySelector('video') as HTMLVideoElement
        return {
          position: video.currentTime,
          frames: video.getVideoPlaybackQuality().totalVideoFrames,
          height: video.videoHeight,
          ended: video.ended,
          live: player.isLive(),
          range: player.seekRange(),
          dateMs: player.getPlayheadTimeAsDate()?.getTime() ?? null,
          tracks: player.getVariantTracks().filter(({ height }) => height !== null).length,
          heights: window.shakaHeights,
        }
      }),
    /** `back`: seconds after the earliest moment there is. */
    seek: (back: number) =>
      page.evaluate((seconds) => {
        const video = document.querySelector('video') as HTMLVideoElement
        video.currentTime = window.shakaPlayer.seekRange().start + seconds
        // At the end it was paused. Whether it plays is seen: the promise of one that never does is kept for ever.
        void video.play()
      }, back),
    goToLive: () => page.evaluate(() => window.shakaPlayer.goToLive()),
    /** Stays with one of the variants that have a picture, the best first. */
    choose: (index: number) =>
      page.evaluate((wanted) => {
        const player = window.shakaPlayer
        player.configure({ abr: { enabled: false } })
        const tracks = player.getVariantTracks().filter(({ height }) => height !== null)
        const track = tracks.sort((a, b) => b.bandwidth - a.bandwidth)[wanted]
        if (track) player.selectVariantTrack(track, true)
      }, index),
    speed: (rate: number) =>
      page.evaluate((value) => {
        const video = document.querySelector('video') as HTMLVideoElement
        video.playbackRate = value
      }, rate),
    close: () => page.close(),
  }
}
