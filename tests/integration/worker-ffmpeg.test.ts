import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { readFragments } from '../protocol-checks/boxes'
import { checkMedia } from '../protocol-checks/cmaf'
import { type ReadPlaylist, type ReadSegment, readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist } from '../protocol-checks/playlist-validator'
import { readByOthers } from '../protocol-checks/public-parsers'
import { type BroadcastRig, readJournal, startBroadcastRig } from '../support/broadcast-rig'
import { createEventfulClass, type EventfulClass } from '../support/eventful-class'
import { isOfGap, type Reading, readWithFfmpeg } from '../support/ffmpeg-reader'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'

const START_MS = 60_000
const TEST_MS = 180_000
const PICTURES = ['main', 'mid', 'low']
const VARIANTS = [...PICTURES, 'audio', 'aside']
/** Of players: at 20 ms lips are off, and three frames of sound are heard as a click. */
const SUM_SECONDS = 0.05
/** Times are rounded to a tick of either clock. */
const TICK_SECONDS = 2 / 48_000
/** A rendition that lacks a part where a worker died is said to end with the others: its last segment is that longer. */
const COMMON_END_SECONDS = 0.27
const VIDEO_TRACK = 1
const PICTURE_HZ = 90_000
const SOUND_HZ = 48_000

let rig: BroadcastRig
let origins: OriginRig
let room: EventfulClass
let base: string

beforeAll(async () => {
  ;[rig, origins] = await Promise.all([startBroadcastRig(), createOriginRig()])
  room = await createEventfulClass(rig)
  const { url } = await origins.start({ source: createDirectorySource(rig.broadcastDir) })
  base = `${url}/${await origins.watchToken(room.classId)}/${room.classId}`
}, START_MS)
afterAll(async () => {
  room?.close()
  await origins?.stop()
  await rig?.stop()
}, START_MS)

async function readPlaylist(name: string): Promise<ReadPlaylist> {
  return readMediaPlaylist(await (await fetchUntil(`${base}/${name}`, 200)).text())
}

type Moment = { at: number; seconds: number }

/** When each picture and each sound is that the files hold which a playlist lists, seconds of media time. */
async function readMoments({ segments }: ReadPlaylist): Promise<Moment[][]> {
  const pictures: Moment[] = []
  const sounds: Moment[] = []
  for (const { whole, gap } of segments) {
    if (gap || !whole) continue
    const response = await fetch(`${base}/${whole.uri}`)
    const runs = readFragments(Buffer.from(await response.arrayBuffer())).flatMap((fragment) => fragment.runs)
    for (const { track, samples } of runs) {
      const isPicture = track === VIDEO_TRACK && !whole.uri.includes('/audio-')
      const hz = isPicture ? PICTURE_HZ : SOUND_HZ
      const own = samples.map(({ at, duration }) => ({ at: at / hz, seconds: duration / hz }))
      if (isPicture) pictures.push(...own)
      else sounds.push(...own)
    }
  }
  return [pictures, sounds].filter((moments) => moments.length > 0)
}

/** What does not start where that before it ended. */
function findHoles(moments: readonly Moment[]): number[] {
  return moments.flatMap(({ at }, index) => {
    const before = moments[index - 1]
    const seconds = before ? at - before.at - before.seconds : 0
    return Math.abs(seconds) > TICK_SECONDS ? [seconds] : []
  })
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
const ownSeconds = (segments: readonly ReadSegment[]) =>
  sum(segments.flatMap(({ gap, whole }) => (whole && !gap ? whole.seconds : [])))

/** Nothing said, nothing missing, nothing out of place. */
async function expectWhole({ packets, complaints, code }: Reading, playlist: ReadPlaylist) {
  const gaps = playlist.segments.some(({ gap }) => gap)
  expect(complaints.filter((line) => !(gaps && isOfGap(line)))).toEqual([])
  expect(code).toBe(0)
  const breaks =
    playlist.segments.filter(({ dsn }, index) => dsn !== playlist.segments[index - 1]?.dsn).length - 1
  for (const [stream, moments] of (await readMoments(playlist)).entries()) {
    const own = packets.filter((packet) => packet.stream === stream)
    expect(own.length).toBe(moments.length)
    const misplaced = own.filter(({ at }, index) => Math.abs(at - (moments[index]?.at ?? 0)) > TICK_SECONDS)
    expect(misplaced).toEqual([])
    const seconds = sum(moments.map((moment) => moment.seconds))
    const listed = ownSeconds(playlist.segments)
    expect(seconds - listed).toBeLessThan(SUM_SECONDS)
    expect(listed - seconds).toBeLessThan(SUM_SECONDS + COMMON_END_SECONDS)
    const holes = findHoles(moments)
    expect(holes.length).toBeLessThanOrEqual(breaks)
    // Time never steps back.
    expect(Math.min(0, ...holes)).toBe(0)
  }
}

test(
  '[WFF1] ffmpeg follows a class live and from its start, through new sizes and pictures and the death of a worker',
  async () => {
    await room.open()
    await origins.setPlan(room.plan())
    await fetchUntil(`${base}/index.m3u8`, 200)
    const fromStart = PICTURES.map((variant) => readWithFfmpeg(`${base}/${variant}.m3u8`))
    const atEdge = readWithFfmpeg(`${base}/index.m3u8`, { from: -1 })
    const soundAtEdge = readWithFfmpeg(`${base}/audio.m3u8`, { from: -1 })
    for (const { packets } of [...fromStart, atEdge, soundAtEdge]) {
      await expect.poll(() => packets.length, { timeout: 20_000 }).toBeGreaterThan(0)
    }
    await room.narrow()
    await room.share()
    await room.replaceWorker()
    await origins.setPlan(room.plan())
    await room.end()
    await origins.setPlan(room.plan({ ended: true }))
    for (const [index, { done }] of fromStart.entries()) {
      await expectWhole(await done, await readPlaylist(`${PICTURES[index]}.replay.m3u8`))
    }
    for (const { done } of [atEdge, soundAtEdge]) {
      const { packets, complaints, code } = await done
      expect(complaints.filter((line) => !isOfGap(line))).toEqual([])
      expect(code).toBe(0)
      expect(packets.length).toBeGreaterThan(100)
    }
  },
  TEST_MS,
)

test(
  '[WFF2] ffmpeg reads the replay of each rendition, of the sound and of the second picture, frame by frame',
  async () => {
    for (const variant of VARIANTS) {
      const playlist = await readPlaylist(`${variant}.replay.m3u8`)
      if (PICTURES.includes(variant)) expect(playlist.segments.filter(({ gap }) => gap)).toEqual([])
      await expectWhole(await readWithFfmpeg(`${base}/${variant}.replay.m3u8`).done, playlist)
    }
  },
  TEST_MS,
)

test('[WFF3] ffmpeg reads all renditions of the replay at once', async () => {
  const { packets, complaints, code } = await readWithFfmpeg(`${base}/index.m3u8`).done
  expect(complaints.filter((line) => !isOfGap(line))).toEqual([])
  expect(code).toBe(0)
  const listed = await (await fetch(`${base}/index.m3u8`)).text()
  const pictures = listed.match(/RESOLUTION/g)?.length ?? 0
  expect(new Set(packets.map(({ stream }) => stream)).size).toBe(2 * pictures + 1)
})

test('[WFF4] the playlists of a class with all that are legal, for two public parsers too, and tell the truth', async () => {
  const index = await (await fetch(`${base}/index.m3u8`)).text()
  expect(readByOthers(index)).toEqual([])
  for (const line of index.split('\n').filter((text) => text.includes('RESOLUTION'))) {
    expect(line).toContain('FRAME-RATE=30.000')
    expect(line).toContain('CODECS="avc1.42c01f,mp4a.40.2"')
  }
  for (const variant of VARIANTS) {
    const text = await (await fetch(`${base}/${variant}.replay.m3u8`)).text()
    expect(readByOthers(text), variant).toEqual([])
    expect(checkPlaylist(readMediaPlaylist(text)), variant).toEqual([])
  }
})

test('[WFF5] every box that the worker wrote is where and what it has to be', async () => {
  for (const dir of room.dirs) {
    const lines = await readJournal(dir)
    for (const variant of VARIANTS) {
      const { problems, counts } = await checkMedia(dir, lines, variant)
      expect(problems).toEqual([])
      if (PICTURES.includes(variant)) expect(counts.pictures).toBeGreaterThan(100)
    }
  }
})
