import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { EgressStatus, EncodedFileOutput, SegmentedFileOutput } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import {
  type BroadcastRig,
  type JournalLine,
  readJournal,
  selectLines,
  startBroadcastRig,
  untilJournal,
} from '../support/broadcast-rig'

const TEST_MS = 120_000
const START_MS = 60_000
const WAIT_MS = 40_000
const PART_TARGET_SECONDS = 0.27
const PART_MIN_SECONDS = 0.04
/** Journals say milliseconds with three decimals, durations seconds with six. */
const HOLE_MS = 0.1
/** Frames keep their own times: they are not evenly spaced, and ffmpeg would round them to a frame rate. */
const UNTOUCHED = ['-fps_mode', 'passthrough', '-enc_time_base:v', '1:90000']

const run = promisify(execFile)
let rig: BroadcastRig
const joined = new Set<unknown>()

beforeAll(async () => {
  rig = await startBroadcastRig({
    onLog({ msg, room, stream }) {
      if (msg === 'room joined' && stream === 0) joined.add(room)
    },
  })
}, START_MS)
afterAll(() => rig?.stop(), START_MS)

async function joinAsTeacher(classId: string): Promise<Page> {
  const { page } = await rig.join(classId, 'teacher')
  await page.evaluate(() => window.room.localParticipant.enableCameraAndMicrophone())
  return page
}

async function untilLines(dir: string, holds: (lines: JournalLine[]) => boolean) {
  expect(await untilJournal(dir, holds, WAIT_MS)).toBe(true)
}

/** What a decoder complains of in a variant, from each discontinuity to the next. */
async function decode(dir: string, lines: JournalLine[], variant: string): Promise<string> {
  let complaints = ''
  let bytes: Buffer[] = []
  const play = async () => {
    if (bytes.length === 0) return
    const path = join(dir, 'decode.mp4')
    await writeFile(path, Buffer.concat(bytes))
    complaints += (await run('ffmpeg', ['-v', 'error', '-i', path, ...UNTOUCHED, '-f', 'null', '-'])).stderr
  }
  for (const { file, init, discontinuity } of selectLines(lines, 'segment', variant)) {
    if (discontinuity || bytes.length === 0) {
      await play()
      bytes = [await readFile(join(dir, `${variant}-init-${init}.mp4`))]
    }
    bytes.push(await readFile(join(dir, file)))
  }
  await play()
  return complaints
}

async function untilStatus(classId: string, status: EgressStatus) {
  const reached = async () => (await rig.egress.listEgress({ roomName: classId }))[0]?.status === status
  expect(await waitUntil(reached, WAIT_MS)).toBe(true)
}

test(
  'a run goes on without a hole from an empty room to a camera, muted and back, and decodes',
  async () => {
    const { classId, dir, egressId } = await rig.startRun()
    await untilLines(dir, (lines) => selectLines(lines, 'part', 'main').length > 3)
    await untilStatus(classId, EgressStatus.EGRESS_ACTIVE)
    const teacher = await joinAsTeacher(classId)
    const widths = (lines: JournalLine[]) => selectLines(lines, 'init', 'main').map(({ width }) => width)
    await untilLines(dir, (lines) => widths(lines).length > 1)
    const shown = widths(await readJournal(dir)).length
    await teacher.evaluate(() => window.room.localParticipant.setCameraEnabled(false))
    await untilLines(
      dir,
      (lines) => widths(lines).length > shown && widths(lines).at(-1) === widths(lines)[0],
    )
    const muted = widths(await readJournal(dir)).length
    await teacher.evaluate(() => window.room.localParticipant.setCameraEnabled(true))
    await untilLines(dir, (lines) => widths(lines).length > muted)
    await rig.egress.stopEgress(egressId)
    await untilStatus(classId, EgressStatus.EGRESS_COMPLETE)

    const lines = await readJournal(dir)
    expect(lines.at(-1)).toMatchObject({ t: 'end', reason: 'stopped' })
    for (const variant of ['main', 'mid', 'low', 'audio']) {
      const parts = selectLines(lines, 'part', variant)
      for (const [i, part] of parts.entries()) {
        expect(part.duration).toBeLessThanOrEqual(PART_TARGET_SECONDS)
        expect(part.duration).toBeGreaterThanOrEqual(PART_MIN_SECONDS)
        const before = parts[i - 1]
        if (before) expect(Math.abs(before.pdt + before.duration * 1000 - part.pdt)).toBeLessThan(HOLE_MS)
      }
      expect(await decode(dir, lines, variant)).toBe('')
    }
    const breaks = (variant: string) =>
      selectLines(lines, 'segment', variant).map(({ segment, discontinuity }) => [segment, discontinuity])
    for (const variant of ['mid', 'low', 'audio']) expect(breaks(variant)).toEqual(breaks('main'))
    await teacher.close()
  },
  TEST_MS,
)

test(
  'the recorder is hidden, and a room that is closed ends the run as complete',
  async () => {
    const { classId, dir } = await rig.startRun()
    await untilLines(dir, (lines) => selectLines(lines, 'part', 'main').length > 0)
    const isRecorded = async () => (await rig.rooms.listRooms([classId]))[0]?.activeRecording === true
    expect(await waitUntil(async () => joined.has(classId) && isRecorded(), WAIT_MS)).toBe(true)
    expect((await rig.rooms.listRooms([classId]))[0]?.numParticipants).toBe(0)
    // Whoever comes is told of everybody who is there.
    const { page } = await rig.join(classId, 'student_speaker')
    expect(await page.evaluate(() => window.room.remoteParticipants.size)).toBe(0)
    await page.close()
    await rig.rooms.deleteRoom(classId)
    await untilStatus(classId, EgressStatus.EGRESS_COMPLETE)
    expect((await readJournal(dir)).at(-1)).toMatchObject({ t: 'end', reason: 'room_closed' })
  },
  TEST_MS,
)

test('what the worker does not serve is refused with the reason', async () => {
  const classId = await rig.createRoom()
  const outside = new SegmentedFileOutput({ filenamePrefix: '/elsewhere/run/seg' })
  await expect(rig.egress.startRoomCompositeEgress(classId, { segments: outside })).rejects.toThrow(
    'broadcast directory',
  )
  const file = new EncodedFileOutput({ filepath: 'class.mp4' })
  await expect(rig.egress.startRoomCompositeEgress(classId, { file })).rejects.toThrow('only segment outputs')
})

test(
  'a worker that is told to stop ends its runs first',
  async () => {
    const { classId, dir } = await rig.startRun()
    await untilLines(dir, (lines) => selectLines(lines, 'part', 'main').length > 0)
    await rig.worker.stop()
    expect((await readJournal(dir)).at(-1)).toMatchObject({ t: 'end', reason: 'stopped' })
    await untilStatus(classId, EgressStatus.EGRESS_COMPLETE)
  },
  TEST_MS,
)
