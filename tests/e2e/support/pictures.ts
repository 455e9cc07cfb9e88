import { expect, type Page } from '@playwright/test'
import { type Scene, STAMP, sceneColours } from './stand-in-devices'

/** A picture that the viewer's page showed. */
type Seen = {
  /** Both by the machine's clock, ms; `drawnAt` null: its stamp is not readable. */
  shownAt: number
  drawnAt: number | null
  mediaTime: number
  colour: [number, number, number]
  /** Another for each other content. */
  print: number
  portrait: boolean
}
type Name = 'Class broadcast' | 'Second picture'

declare global {
  interface Window {
    testPictures: Record<Name, Seen[]>
  }
}

/** What is told of one of the two pictures: who is seen in it and moves, or what is wrong with it. */
export type Told = Scene | 'none' | 'standing' | 'old' | 'strange'

/** Long enough for five pictures of the slowest rung of a shared screen. */
const LOOK_BACK_MS = 2_500
const LEAST_FRAMES = 5

/** Begins to note every picture that the page shows of the broadcast, with its content. */
export async function notePictures(page: Page): Promise<void> {
  await page.evaluate(note, STAMP)
}

/**
 * The two pictures of the broadcast on the page. A picture moves if its media time and its content change with each
 * frame, and it was drawn after `since` (ms): what was on its way before does not count.
 */
export async function picturesOf(page: Page, since: number): Promise<{ main: Told; aside: Told }> {
  const recent = await recentPictures(page)
  const beside = await page.locator('video[aria-label="Second picture"]').count()
  return {
    main: tell(recent['Class broadcast'], since),
    aside: beside > 0 ? tell(recent['Second picture'], since) : 'none',
  }
}

function recentPictures(page: Page): Promise<Record<Name, Seen[]>> {
  return page.evaluate((from) => {
    const recent = (name: Name) => window.testPictures[name].filter(({ shownAt }) => shownAt > from)
    return { 'Class broadcast': recent('Class broadcast'), 'Second picture': recent('Second picture') }
  }, Date.now() - LOOK_BACK_MS)
}

/** `aside` absent: whatever is beside it, if anything. */
export async function expectPictures(
  page: Page,
  since: number,
  expected: { main: Scene; aside?: Scene | 'none' },
  timeout = 40_000,
): Promise<void> {
  await expect.poll(() => picturesOf(page, since), { timeout, intervals: [250] }).toMatchObject(expected)
}

export function isPortrait(page: Page): Promise<boolean | undefined> {
  return page.evaluate(() => window.testPictures['Class broadcast'].at(-1)?.portrait)
}

function tell(recent: Seen[], since: number): Told {
  const last = recent.slice(-LEAST_FRAMES)
  const moves = last.every(({ mediaTime }, i) => i === 0 || mediaTime > (last[i - 1]?.mediaTime ?? 0))
  if (last.length < LEAST_FRAMES || !moves || new Set(last.map(({ print }) => print)).size < LEAST_FRAMES - 1)
    return 'standing'
  const [scene] = new Set(last.map(({ colour }) => toScene(colour)))
  if (!scene || last.some(({ drawnAt, colour }) => drawnAt === null || toScene(colour) !== scene))
    return 'strange'
  return last.every(({ drawnAt }) => (drawnAt ?? 0) > since) ? scene : 'old'
}

function toScene(colour: readonly number[]): Scene | null {
  const away = (scene: Scene) =>
    Math.hypot(...sceneColours[scene].map((value, i) => value - (colour[i] ?? 0)))
  const [nearest] = (Object.keys(sceneColours) as Scene[]).sort((a, b) => away(a) - away(b))
  return nearest && away(nearest) < 60 ? nearest : null
}

/** How long the first picture stood still at most since then, ms. */
export async function longestStand(page: Page, since: number): Promise<number> {
  const shown = await page.evaluate(() =>
    window.testPictures['Class broadcast'].map(({ shownAt }) => shownAt),
  )
  const times = [...shown.filter((at) => at >= since), Date.now()]
  return times.reduce(
    (longest, at, i) => Math.max(longest, i === 0 ? at - since : at - (times[i - 1] ?? at)),
    0,
  )
}

/** By how much "N s behind live" is wrong, s: the last picture tells by what was drawn into it when it was made. */
export function wrongBy(page: Page): Promise<number> {
  return page.evaluate(() => {
    const says = /(\d+) s behind live/.exec(document.body.textContent ?? '')?.[1]
    const last = window.testPictures['Class broadcast'].findLast(({ drawnAt }) => drawnAt !== null)
    return Math.abs(Number(says) - (Date.now() - (last?.drawnAt ?? Number.NaN)) / 1_000)
  })
}

/** By how much the second picture is behind the first on average, ms. */
export async function asideBehind(page: Page): Promise<number> {
  const recent = await recentPictures(page)
  const offsets = recent['Class broadcast'].flatMap(({ shownAt, drawnAt }) => {
    const beside = recent['Second picture'].findLast((seen) => seen.shownAt <= shownAt)
    return drawnAt && beside?.drawnAt ? [drawnAt - beside.drawnAt] : []
  })
  return offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length
}

/** Runs in the page: uses nothing from outside. */
function note(stamp: typeof STAMP): void {
  const keepMs = 120_000
  const [columns, rows] = [160, 90]
  const canvas = Object.assign(document.createElement('canvas'), { width: columns, height: rows })
  const pen = canvas.getContext('2d', { willReadFrequently: true, alpha: false })
  const known = new WeakSet<Element>()
  window.testPictures = { 'Class broadcast': [], 'Second picture': [] }

  function readStamp(grey: (x: number, y: number) => number, now: number): number | null {
    const cells = Array.from({ length: stamp.cells }, (_, cell) =>
      grey(((cell + 0.5) * columns) / stamp.cells, (stamp.heightShare * rows) / 2),
    )
    const on = cells.map((value) => value > 128)
    const bits = on.slice(2, 2 + stamp.bits)
    const odd = bits.filter(Boolean).length % 2 === 1
    if (!on[0] || on[1] || on[2 + stamp.bits] !== odd || on[3 + stamp.bits] === odd) return null
    const time = bits.reduce((sum, bit, i) => sum + (bit ? 2 ** i : 0), 0)
    const round = 2 ** stamp.bits
    const units = Math.floor(now / stamp.unitMs)
    return (units - ((((units - time) % round) + round) % round)) * stamp.unitMs
  }

  function follow(video: HTMLVideoElement, list: Seen[]): void {
    const look: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      video.requestVideoFrameCallback(look)
      const shownAt = Date.now()
      pen?.drawImage(video, 0, 0, columns, rows)
      const data = pen?.getImageData(0, 0, columns, rows).data ?? new Uint8ClampedArray()
      const at = (x: number, y: number) => (Math.floor(y) * columns + Math.floor(x)) * 4
      const spot = at(columns * 0.2, rows * 0.5)
      let print = 0
      for (let i = 0; i < data.length; i += 4) print = (print * 31 + (data[i] ?? 0)) >>> 0
      list.push({
        shownAt,
        drawnAt: readStamp((x, y) => data[at(x, y) + 1] ?? 0, shownAt),
        mediaTime,
        colour: [data[spot] ?? 0, data[spot + 1] ?? 0, data[spot + 2] ?? 0],
        print,
        portrait: video.videoHeight > video.videoWidth,
      })
      while ((list[0]?.shownAt ?? shownAt) < shownAt - keepMs) list.shift()
    }
    video.requestVideoFrameCallback(look)
  }

  // The second picture comes and goes.
  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      const list = window.testPictures[video.ariaLabel as Name]
      if (!list || known.has(video)) continue
      known.add(video)
      follow(video, list)
    }
  }, 50)
}
