import type { ChildProcess } from 'node:child_process'
import { EgressStatus } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import {
  type BroadcastRig,
  type JournalLine,
  type Role,
  readJournal,
  selectLines,
  startBroadcastRig,
  untilJournal,
} from '../support/broadcast-rig'
import { buildPublisher, type Film, makeFilms, startPublisher } from '../support/go-publisher'

const TEST_MS = 120_000
const START_MS = 60_000
const WAIT_MS = 40_000

/** Small, so that it costs nothing; what counts is that there are three. */
const layers = [
  { width: 160, height: 90, bitsPerSecond: 40_000 },
  { width: 320, height: 180, bitsPerSecond: 100_000 },
  { width: 640, height: 360, bitsPerSecond: 300_000 },
]
/** A rung that the first one left behind starts this late at most, and its queue's worth. */
const APART_MS = 1_200
/** Nothing changes: all rungs are cut at key frames of one moment (egress/worker/run/trail.go). */
const STEADY_APART_MS = 100
const STEADY_SEGMENTS = 4

let rig: BroadcastRig
let program: string
let films: Film[]
const publishers: ChildProcess[] = []

beforeAll(async () => {
  rig = await startBroadcastRig()
  program = await buildPublisher()
  films = await makeFilms(rig.broadcastDir, layers, 10)
}, START_MS)
afterAll(async () => {
  for (const publisher of publishers) publisher.kill()
  await rig?.stop()
}, START_MS)

const until = async (dir: string, holds: (lines: JournalLine[]) => boolean) =>
  expect(await untilJournal(dir, holds, WAIT_MS)).toBe(true)

const shown = (lines: JournalLine[]) => lines.findLast(({ t }) => t === 'picture')

const shows =
  (main: string | null, aside: string | null = null) =>
  (lines: JournalLine[]) => {
    const now = shown(lines)
    const name = (who: JournalLine['main']) => (who ? `${who.personId}:${who.source}` : null)
    return now !== undefined && name(now.main) === main && name(now.aside) === aside
  }

async function publish(classId: string, role: Role, share = false) {
  const personId = newId('per')
  const to = { url: rig.livekit.url, token: await rig.token(classId, personId, role) }
  const child = await startPublisher(program, to, films, share)
  publishers.push(child)
  return { personId, leave: () => child.kill() }
}

test(
  'each layer is a rendition, cut where the others are; a share takes the main picture and puts the teacher aside, a pinned student too',
  async () => {
    const { classId, dir, egressId } = await rig.startRun()
    const teacher = await publish(classId, 'teacher')
    const camera = `${teacher.personId}:camera`
    await until(dir, shows(camera))
    const heights = (lines: JournalLine[]) =>
      ['main', 'mid', 'low'].map((variant) => selectLines(lines, 'init', variant).at(-1)?.height)
    const expected = layers.map(({ height }) => height).reverse()
    await until(dir, (lines) => heights(lines).join() === expected.join())
    const from = selectLines(await readJournal(dir), 'segment', 'main').length + 1
    const isSteady = (segment = 0) => segment >= from && segment < from + STEADY_SEGMENTS
    const isWhole = (lines: JournalLine[]) => (variant: string) =>
      selectLines(lines, 'segment', variant).length >= from + STEADY_SEGMENTS
    await until(dir, (lines) => ['main', 'mid', 'low'].every(isWhole(lines)))

    const sharer = await publish(classId, 'teacher', true)
    await until(dir, shows(`${sharer.personId}:screen`, camera))
    await until(dir, (lines) => selectLines(lines, 'segment', 'aside').length > 1)
    sharer.leave()
    await until(dir, shows(camera))

    const student = await publish(classId, 'student_speaker')
    await rig.rooms.updateRoomMetadata(classId, JSON.stringify({ pinned: student.personId }))
    await until(dir, shows(`${student.personId}:camera`, camera))
    await rig.rooms.updateRoomMetadata(classId, JSON.stringify({ pinned: null }))
    // The student beeps, as the teacher does; who speaks may stay.
    student.leave()
    await until(dir, shows(camera))
    await rig.egress.stopEgress(egressId)
    await until(dir, (lines) => lines.at(-1)?.t === 'end')

    const lines = await readJournal(dir)
    const pdts = new Map(selectLines(lines, 'segment', 'main').map(({ segment, pdt }) => [segment, pdt]))
    const steady: number[] = []
    for (const variant of ['mid', 'low', 'aside']) {
      for (const { segment, pdt } of selectLines(lines, 'segment', variant)) {
        const apart = Math.abs(pdt - (pdts.get(segment) ?? 0))
        expect(apart, `${variant} ${segment}`).toBeLessThan(APART_MS)
        if (isSteady(segment) && variant !== 'aside') steady.push(apart)
      }
    }
    // One that came late may be waited for: the middle of them was not.
    steady.sort((a, b) => a - b)
    expect(steady[steady.length / 2]).toBeLessThan(STEADY_APART_MS)
    teacher.leave()
  },
  TEST_MS,
)

test(
  'one person, or two tracks, can be broadcast alone, and end when those leave',
  async () => {
    const classId = await rig.createRoom()
    const teacher = await publish(classId, 'teacher')
    const student = await publish(classId, 'student_speaker')
    let videoTrackId = ''
    const isPublished = async () => {
      const { tracks: published } = await rig.rooms.getParticipant(classId, student.personId)
      videoTrackId = published.find(({ name }) => name === 'picture')?.sid ?? ''
      return videoTrackId !== ''
    }
    expect(await waitUntil(isPublished, WAIT_MS)).toBe(true)
    const person = rig.place(classId)
    const byPerson = await rig.egress.startParticipantEgress(classId, student.personId, {
      segments: person.segments,
    })
    const tracks = rig.place(classId)
    const byTrack = await rig.egress.startTrackCompositeEgress(classId, tracks.segments, { videoTrackId })
    for (const { dir } of [person, tracks]) {
      await until(dir, shows(`${student.personId}:camera`))
      await until(dir, (lines) => selectLines(lines, 'segment', 'main').length > 0)
    }
    const active = await rig.egress.listEgress({ roomName: classId, active: true })
    expect(active.map(({ egressId }) => egressId).sort()).toEqual(
      [byPerson.egressId, byTrack.egressId].sort(),
    )
    student.leave()
    const ended = async () => {
      const all = await rig.egress.listEgress({ roomName: classId })
      return all.every(
        ({ status, details }) =>
          status === EgressStatus.EGRESS_COMPLETE && details === 'End reason: Source closed',
      )
    }
    expect(await waitUntil(ended, WAIT_MS)).toBe(true)
    await expect(rig.egress.stopEgress(byPerson.egressId)).rejects.toThrow()
    teacher.leave()
  },
  TEST_MS,
)
