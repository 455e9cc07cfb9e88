import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page as BrowserPage } from '@playwright/test'
import type { LocalVideoTrack } from 'livekit-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseCapture } from '../../app/live/capture'
import { toRoomOptions } from '../../app/live/room-options'
import { waitUntil } from '../../scripts/stack/wait-until'
import { type BroadcastRig, readJournal, startBroadcastRig } from '../support/broadcast-rig'
import { drawPage, type Page, readPage } from '../support/shared-page'

const START_MS = 60_000
const WAIT_MS = 60_000
/** Encoders sharpen a still page within a few frames: three a second on the lowest rung. */
const SEGMENTS_SHOWN = 3
const RIGHT_SHARE = 0.99
/** Frames a second at most; a busy machine sends less. */
const rates = [15, 5, 3]
const RATE_SLACK = 1.1
const LEAST_COUNTED = 6
const widths: Record<string, number> = { main: 1920, mid: 1920, low: 1280 }
const variants = Object.keys(widths)

const run = promisify(execFile)
let rig: BroadcastRig

beforeAll(async () => {
  rig = await startBroadcastRig()
}, START_MS)
afterAll(() => rig?.stop(), START_MS)

/** What the browser has sent of each layer so far, from the best on. */
function readSent(teacher: BrowserPage) {
  return teacher.evaluate(async () => {
    const source = window.LivekitClient.Track.Source.ScreenShare
    const track = window.room.localParticipant.getTrackPublication(source)?.videoTrack
    const layers = await (track as LocalVideoTrack).getSenderStats()
    // "f", "h", "q"
    layers.sort((a, b) => a.rid.localeCompare(b.rid))
    return layers.map(({ rid, framesSent, timestamp }) => ({ rid, frames: framesSent, at: timestamp }))
  })
}

/** The last picture of a variant's newest whole segment as 8-bit grey of the page's size. */
async function lastPicture(dir: string, variant: string, page: Page): Promise<Buffer> {
  const segment = (await readJournal(dir)).findLast(
    (line) => line.t === 'segment' && line.variant === variant,
  )
  const init = await readFile(join(dir, `${variant}-init-${segment?.init}.mp4`))
  const path = join(dir, `${variant}.mp4`)
  await writeFile(path, Buffer.concat([init, await readFile(join(dir, segment?.file ?? ''))]))
  const { stdout } = await run(
    'ffmpeg',
    [
      ['-v', 'error', '-i', path, '-an', '-vf', `scale=${page.width}:${page.height}:flags=lanczos`],
      ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
    ].flat(),
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  )
  return stdout.subarray(stdout.length - page.width * page.height)
}

test(
  'on every rung of a shared page text of 16 px can be read: two keep its 1080 lines, the lowest has 720; frames are what is saved',
  async () => {
    const classId = await rig.createRoom()
    const { page: teacher } = await rig.join(classId, 'teacher')
    const page = await teacher.evaluate(drawPage)
    const { publishDefaults } = toRoomOptions(parseCapture(null))
    await teacher.evaluate(async (options) => {
      const canvas = document.querySelector('canvas')
      const [track] = canvas?.captureStream(15).getVideoTracks() ?? []
      if (!track) throw new Error('no canvas')
      track.contentHint = 'text'
      await window.room.localParticipant.publishTrack(track, {
        ...options,
        source: window.LivekitClient.Track.Source.ScreenShare,
      })
    }, publishDefaults)
    const { dir } = await rig.startRun(classId)
    // A browser tries its link before it sends all layers.
    const isShown = async () => {
      const lines = await readJournal(dir)
      const from = variants.map((variant) =>
        lines.findIndex(({ variant: name, width }) => name === variant && width === widths[variant]),
      )
      const shown = lines
        .slice(Math.max(...from))
        .filter(({ t, variant }) => t === 'segment' && variant === 'low')
      return !from.includes(-1) && shown.length >= SEGMENTS_SHOWN
    }
    expect(await waitUntil(isShown, WAIT_MS)).toBe(true)
    const before = await readSent(teacher)
    const framesSince = async () =>
      (await readSent(teacher)).map(({ frames, at }, i) => {
        const { frames: had, at: from } = before[i] ?? { frames: 0, at: 0 }
        return { frames: frames - had, seconds: (at - from) / 1_000 }
      })
    const isCounted = async () => (await framesSince()).every(({ frames }) => frames >= LEAST_COUNTED)
    expect(await waitUntil(isCounted, WAIT_MS)).toBe(true)
    const sent = await framesSince()
    expect(sent).toHaveLength(rates.length)
    for (const [i, { frames, seconds }] of sent.entries())
      expect(frames, `layer ${i} in ${seconds} s`).toBeLessThanOrEqual(
        (rates[i] ?? 0) * seconds * RATE_SLACK + 1,
      )
    for (const variant of variants) {
      const picture = await lastPicture(dir, variant, page)
      const right = readPage(picture, page)
      expect(right, `${variant}: share of characters read`).toBeGreaterThanOrEqual(RIGHT_SHARE)
    }
    await teacher.close()
  },
  WAIT_MS * 2,
)
