import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { waitUntil } from '../../scripts/stack/wait-until'
import { type BroadcastRig, startBroadcastRig } from '../support/broadcast-rig'
import { createEventfulClass, type EventfulClass } from '../support/eventful-class'
import { startBrowser } from '../support/livekit-page'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'
import { openShaka, type ShakaPage, type ShakaState } from '../support/shaka-page'

const START_MS = 60_000
const TEST_MS = 180_000
const WAIT_MS = 40_000
/** Media time from where Shaka would have us at most; its own distance from the newest part is a second or two. */
const EDGE_SECONDS = 3
/** A replay is gone through quickly. */
const SPEED = 4

let rig: BroadcastRig
let origins: OriginRig
let browser: Browser
let room: EventfulClass
let base: string

beforeAll(async () => {
  ;[rig, origins, browser] = await Promise.all([startBroadcastRig(), createOriginRig(), startBrowser()])
  room = await createEventfulClass(rig)
  const { url } = await origins.start({ source: createDirectorySource(rig.broadcastDir) })
  base = `${url}/${await origins.watchToken(room.classId)}/${room.classId}`
}, START_MS)
afterAll(async () => {
  room?.close()
  await browser?.close()
  await origins?.stop()
  await rig?.stop()
}, START_MS)

async function until(shaka: ShakaPage, holds: (state: ShakaState) => boolean): Promise<ShakaState> {
  let state = await shaka.read()
  const isOver = async () => {
    state = await shaka.read()
    return shaka.problems.length > 0 || holds(state)
  }
  const reached = await waitUntil(isOver, WAIT_MS)
  expect(shaka.problems).toEqual([])
  if (!reached) throw new Error(`it stands at ${JSON.stringify(state)}`)
  return state
}

/** Decoded pictures keep coming. */
async function untilMoving(shaka: ShakaPage, frames = 15): Promise<ShakaState> {
  const before = await shaka.read()
  return until(shaka, (now) => now.frames > before.frames + frames && now.position !== before.position)
}

const isAtEdge = ({ range, position }: ShakaState) => range.end - position < EDGE_SECONDS

test(
  '[WSH1] Shaka Player is at the edge of a class, goes back to its start and to live again, without a complaint',
  async () => {
    await room.open()
    await origins.setPlan(room.plan())
    await fetchUntil(`${base}/index.m3u8`, 200)
    const shaka = await openShaka(browser, `${base}/index.m3u8`)
    expect((await untilMoving(shaka)).live).toBe(true)
    await until(shaka, isAtEdge)
    await room.narrow()
    await untilMoving(shaka)
    await until(shaka, isAtEdge)
    await room.share()
    await untilMoving(shaka)
    expect(shaka.parts.length).toBeGreaterThan(15)

    // From the slate of an empty room to the camera: another size, after a discontinuity.
    await shaka.choose(0)
    await shaka.seek(0.5)
    await until(shaka, ({ range, position, height }) => position < range.start + 4 && height === 180)
    await untilMoving(shaka, 5)
    await shaka.speed(SPEED)
    await until(shaka, ({ height }) => height !== 180)
    await untilMoving(shaka)
    await shaka.speed(1)
    await shaka.goToLive()
    await until(shaka, isAtEdge)
    await untilMoving(shaka)
    expect(shaka.problems).toEqual([])
    await shaka.close()
  },
  TEST_MS,
)

test(
  '[WSH2] Shaka Player plays the replay through every discontinuity to its end, in each rendition and as sound alone',
  async () => {
    await room.replaceWorker()
    await room.end()
    await origins.setPlan(room.plan({ ended: true }))
    await fetchUntil(`${base}/main.replay.m3u8`, 200)
    for (const track of [0, 1, 2]) {
      // Each anew: told to play another rendition where it has ended, Shaka may throw away what it has, and wait.
      const shaka = await openShaka(browser, `${base}/index.m3u8`)
      await shaka.speed(SPEED)
      const { live, tracks } = await untilMoving(shaka, 5)
      expect(live).toBe(false)
      expect(tracks).toBe(3)
      await shaka.choose(track)
      const { range } = await untilMoving(shaka, 5)
      await shaka.seek(range.end - 3)
      await until(shaka, ({ ended }) => ended)
      expect(shaka.problems).toEqual([])
      await shaka.close()
    }

    const replay = await openShaka(browser, `${base}/index.m3u8`)
    await replay.speed(SPEED)
    const { position, heights, range } = await until(replay, ({ ended }) => ended)
    expect(position).toBeGreaterThan(range.end - 0.5)
    // The slate and the shared page, alike in each rendition; the camera between them is of any.
    expect(heights).toEqual(expect.arrayContaining([180, 450]))
    expect(heights.length).toBeGreaterThan(2)
    expect(replay.problems).toEqual([])
    await replay.close()

    const sound = await openShaka(browser, `${base}/audio.replay.m3u8`)
    await sound.speed(SPEED)
    await until(sound, ({ ended, position }) => ended && position > range.end - 1)
    expect(sound.problems).toEqual([])
    await sound.close()
  },
  TEST_MS,
)
