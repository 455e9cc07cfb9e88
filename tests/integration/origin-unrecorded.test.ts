import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BroadcastPlan } from '../../egress/plan'
import { readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist } from '../protocol-checks/playlist-validator'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'
import { FULL_PARTS, toPictureLine, toRunLines } from '../support/run-lines'

/** More than players at the edge are left with: 50 segments of 2 s against a minute. */
const SEGMENTS = 50
const SEGMENT_MS = 2_000
const LAST_WINDOW = 31
const START = Date.parse('2026-11-23T10:00:00.000Z')
const full = { parts: FULL_PARTS }
const variants = ['main', 'audio']
let rig: OriginRig
let url: string

beforeAll(async () => {
  rig = await createOriginRig()
  url = (await rig.start()).url
})
afterAll(() => rig.stop())

const at = (segment: number) => START + segment * SEGMENT_MS
const chapters = [
  { at: at(2) + 500, title: 'Secret before' },
  { at: at(6) + 500, title: 'Told within' },
  { at: at(45) + 500, title: 'Secret after' },
]
/** Segments 5 to 9. */
const recording = [{ from: at(5) - 100, to: at(10) + 100 }]
const isKept = (segment: number) => segment >= 5 && segment < 10

async function openClass(plan: Partial<BroadcastPlan>) {
  const { classId, runId } = rig.newClass()
  const runName = runId(1)
  const dir = join(rig.dir, classId, runName)
  await mkdir(dir, { recursive: true })
  const lines = toRunLines(
    runName,
    START,
    Array.from({ length: SEGMENTS }, () => full),
  )
  // Stands behind the lines of the segment that is newest when it is written.
  const pictureIn = (segment: number, ms: number, personId: string) => {
    const last = lines.findLastIndex((line) => line.includes(`"segment":${segment},`))
    lines.splice(last, 0, toPictureLine(at(segment) + ms, personId, null))
  }
  pictureIn(0, 0, 'per_before')
  pictureIn(4, 1_500, 'per_within')
  pictureIn(7, 700, 'per_second')
  pictureIn(9, 2_300, 'per_after')
  for (const variant of variants) {
    await writeFile(join(dir, `${variant}-init-0.mp4`), randomBytes(700))
    for (let segment = 0; segment < SEGMENTS; segment++) {
      await writeFile(join(dir, `${variant}-${segment}.m4s`), randomBytes(9_000))
    }
  }
  await writeFile(join(dir, 'journal.ndjson'), `${lines.join('\n')}\n`)
  const live: BroadcastPlan = {
    classId,
    ended: false,
    recorded: true,
    recording,
    chapters,
    runs: [{ runId: runName, base: 0 }],
  }
  const ended: BroadcastPlan = {
    ...live,
    ended: true,
    trimAt: Date.now() + 300_000,
    keepUntil: Date.now() + 3_600_000,
    runs: [{ runId: runName, base: 0, end: { segments: SEGMENTS, lastParts: 9 } }],
    ...plan,
  }
  await rig.setPlan(live)
  const broadcast = `${url}/${await rig.watchToken(classId)}/${classId}`
  const token = rig.tokens.signWatch({ cls: classId, sub: 'per_1', ver: 0, only: 'replay' })
  const replay = `${url}/${token}/${classId}`
  await fetchUntil(`${broadcast}/index.m3u8`, 200)
  return { classId, runName, broadcast, replay, ended, live }
}

const statusOf = async (address: string) => (await fetch(address)).status

async function expectOnly(base: string, runName: string, isOpen: (segment: number) => boolean) {
  for (const variant of variants) {
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const name = `${base}/${runName}/${variant}-${segment}`
      const status = isOpen(segment) ? 200 : 404
      expect(await statusOf(`${name}.m4s`), `${variant}-${segment}`).toBe(status)
      // Of a segment that is long past the parts are forgotten.
      const part = await statusOf(`${name}.0.m4s`)
      expect(part === 404 || (part === 200 && isOpen(segment)), `${variant}-${segment}.0`).toBe(true)
    }
  }
}

test('[KEEP4] [OUR1] a replay opens what was recorded of a class and nothing else, whatever name is asked for', async () => {
  const { runName, broadcast, replay, ended } = await openClass({})
  await rig.setPlan(ended)
  await fetchUntil(`${replay}/index.m3u8`, 200)
  expect(await statusOf(`${replay}/main.m3u8`)).toBe(404)
  await expectOnly(replay, runName, isKept)
  expect(await statusOf(`${replay}/${runName}/main-init-0.mp4`)).toBe(200)
  const list = readMediaPlaylist(await (await fetch(`${replay}/main.replay.m3u8`)).text())
  expect(list.segments).toHaveLength(5)
  // Who was in the broadcast comes to its end, and has no more of it than that.
  await expectOnly(broadcast, runName, (n) => isKept(n) || n >= SEGMENTS - LAST_WINDOW)
  const last = readMediaPlaylist(await (await fetch(`${broadcast}/main.m3u8`)).text())
  expect([last.segments.length, last.ended]).toEqual([LAST_WINDOW, true])
})

test('[OUR2] a replay tells no chapter and no picture of a time that was not recorded', async () => {
  const { replay, ended } = await openClass({})
  await rig.setPlan(ended)
  await fetchUntil(`${replay}/index.m3u8`, 200)
  for (const variant of variants) {
    const text = await (await fetch(`${replay}/${variant}.replay.m3u8`)).text()
    expect(text).not.toMatch(/Secret|per_before|per_after/)
    expect(checkPlaylist(readMediaPlaylist(text))).toEqual([])
    const dates = text.split('\n').filter((line) => line.startsWith('#EXT-X-DATERANGE'))
    expect(dates.map((line) => line.replace(/.*START-DATE="([^"]+)".*X-\w+="([^"]+)"/, '$1 $2'))).toEqual([
      '2026-11-23T10:00:12.500Z Told within',
      // It was on when the recording began, and from there on it is told.
      '2026-11-23T10:00:10.000Z per_within:camera',
      '2026-11-23T10:00:14.700Z per_second:camera',
    ])
  }
})

test('[OUR3] a token for the replay opens nothing of a class that goes on', async () => {
  const { runName, replay, broadcast } = await openClass({})
  for (const name of ['index.m3u8', 'main.m3u8', 'main.replay.m3u8', `${runName}/main-init-0.mp4`]) {
    expect(await statusOf(`${replay}/${name}`), name).toBe(404)
  }
  expect(await statusOf(`${replay}/${runName}/main-7.m4s`)).toBe(404)
  expect(await statusOf(`${broadcast}/${runName}/main-7.m4s`)).toBe(200)
})

test('[OUR4] of a class that was not recorded only its last minute can be had, and soon nothing', async () => {
  const { runName, broadcast, replay, ended } = await openClass({ recorded: false, recording: [] })
  await rig.setPlan(ended)
  await expect.poll(() => statusOf(`${broadcast}/${runName}/main-7.m4s`)).toBe(404)
  await expectOnly(broadcast, runName, (n) => n >= SEGMENTS - LAST_WINDOW)
  for (const name of ['index.m3u8', 'main.m3u8', 'main.replay.m3u8']) {
    expect(await statusOf(`${replay}/${name}`), name).toBe(404)
  }
  await rig.setPlan({ ...ended, keepUntil: Date.now() })
  await expect.poll(() => statusOf(`${broadcast}/main.m3u8`)).toBe(410)
})

test('[OUR5] once what was not recorded is to be gone, its playlists are too, and the replay stays', async () => {
  const { runName, broadcast, replay, ended } = await openClass({})
  await rig.setPlan({ ...ended, trimAt: Date.now() })
  await expect.poll(() => statusOf(`${broadcast}/main.m3u8`)).toBe(404)
  await expectOnly(broadcast, runName, isKept)
  expect(await statusOf(`${replay}/main.replay.m3u8`)).toBe(200)
  expect(await statusOf(`${broadcast}/index.m3u8`)).toBe(200)
})

test('[OUR6] caches have what may not be recorded for a minute, and what is deleted is shut at an edge', async () => {
  const { classId, runName, broadcast, replay, ended } = await openClass({})
  const cachedFor = async (base: string, segment: number) =>
    (await fetch(`${base}/${runName}/main-${segment}.m4s`)).headers.get('cache-control')
  const ask = async () => {
    const headers = { 'X-Original-URI': `${new URL(replay).pathname}/index.m3u8` }
    return (await fetch(`${url}/auth`, { headers })).status
  }
  expect(await cachedFor(broadcast, 7)).toBe('public, max-age=60')
  await rig.setPlan(ended)
  await fetchUntil(`${replay}/index.m3u8`, 200)
  expect(await cachedFor(broadcast, SEGMENTS - 1)).toBe('private, no-store')
  expect(await cachedFor(replay, 7)).toBe('public, max-age=3600, immutable')
  expect(await ask()).toBe(204)
  await rig.setPlan({ ...ended, recorded: false, recording: [], keepUntil: Date.now() })
  await expect.poll(ask).toBe(403)
  // An origin that has not held the class knows it too.
  const fresh = await rig.start()
  const headers = {
    'X-Original-URI': `/${rig.tokens.signWatch({ cls: classId, sub: 'per_2', ver: 0 })}/${classId}/index.m3u8`,
  }
  expect((await fetch(`${fresh.url}/auth`, { headers })).status).toBe(403)
})
