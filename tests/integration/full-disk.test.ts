import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRecorder } from '../../egress/recording/recorder'
import { parseRecordingState } from '../../egress/recording-state'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { ClassState } from '../../server/classroom/state'
import { newId } from '../../server/ids'
import { keysOf } from '../../server/redis/names'
import { type ReadPlaylist, readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist, checkReload } from '../protocol-checks/playlist-validator'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass, testLogger } from '../support/class-rig'
import type { TestWorker } from '../support/worker'

const TEST_MS = 120_000
const START_MS = 60_000
const WAIT_MS = 40_000
const DISK = '4m'
/** What is left free: a slate in three renditions and the sound take 15 kB a second. */
const LEFT_KB = 160

let parts: BroadcastParts
let worker: TestWorker
const canMount = tryMounting()
let isMounted = false

/** Tests are named before anything begins: whether they can be tried must be known then. */
function tryMounting(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'amphi-mount-'))
  try {
    mount(directory)
    execFileSync('umount', ['-l', directory])
    return true
  } catch {
    process.stderr.write('[DSK1] is skipped: no disk can be mounted here\n')
    return false
  } finally {
    rmdirSync(directory)
  }
}

function mount(directory: string) {
  const options = ['-t', 'tmpfs', '-o', `size=${DISK}`, 'amphi-full-disk', directory]
  execFileSync('mount', options, { stdio: 'ignore' })
}

beforeAll(async () => {
  parts = await startBroadcastParts()
  mount(parts.broadcastDir)
  isMounted = true
  worker = await parts.startWorker()
}, START_MS)

afterAll(async () => {
  await worker?.stop()
  if (isMounted) execFileSync('umount', ['-l', parts.broadcastDir])
  await parts?.stop()
}, START_MS)

async function fillDisk(leaveKb: number): Promise<() => Promise<void>> {
  const ballast = join(parts.broadcastDir, 'ballast')
  const free = Number(
    execFileSync('df', ['--output=avail', '-k', parts.broadcastDir], { encoding: 'utf8' }).split('\n')[1],
  )
  await writeFile(ballast, Buffer.alloc((free - leaveKb) * 1024))
  return () => rm(ballast)
}

/** Reads as a player would, again and again: what is wrong with what it is given. */
function follow(base: string) {
  const problems: string[] = []
  let before: ReadPlaylist | null = null
  let isOn = true
  async function read() {
    const answer = await fetch(`${base}/main.m3u8`)
    if (answer.status !== 200) return
    const now = readMediaPlaylist(await answer.text())
    problems.push(...checkPlaylist(now), ...(before ? checkReload(before, now) : []))
    before = now
    for (const { parts: pieces, whole, gap } of now.segments.slice(-4)) {
      if (gap) continue
      for (const { uri } of [...pieces, ...(whole ? [whole] : [])]) {
        const media = await fetch(`${base}/${uri}`)
        const { byteLength } = await media.arrayBuffer()
        if (media.status !== 200 || byteLength === 0) problems.push(`${media.status} ${uri}`)
      }
    }
  }
  const done = (async () => {
    while (isOn) {
      await read()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  return {
    problems,
    newest: () => before,
    async stop() {
      isOn = false
      await done
      await read()
    },
  }
}

const baseFor = (rig: ClassRig, only?: 'replay') => {
  const token = parts.tokens.signWatch({ cls: rig.classId, sub: 'per_v', ver: 0, ...(only && { only }) })
  return `http://127.0.0.1:${parts.origin.port}/${token}/${rig.classId}`
}

const toReplay = (rig: ClassRig) => `${baseFor(rig, 'replay')}/main.replay.m3u8`

/** Everything that the replay lists can be had whole. */
async function readReplay(rig: ClassRig): Promise<number> {
  const base = baseFor(rig, 'replay')
  const list = readMediaPlaylist(await (await fetch(toReplay(rig))).text())
  expect(checkPlaylist(list)).toEqual([])
  for (const { whole, map, gap } of list.segments) {
    expect(gap).toBe(false)
    for (const uri of [map, whole?.uri]) {
      const answer = await fetch(`${base}/${uri}`)
      const length = Number(answer.headers.get('content-length'))
      expect([answer.status, (await answer.arrayBuffer()).byteLength], uri ?? '').toEqual([200, length])
    }
  }
  return list.segments.length
}

const fileOf = async ({ classId }: ClassRig) =>
  parseRecordingState(await parts.store.get(keysOf(classId).recording))

async function broadcastClass() {
  const rig = await startClass(parts.logs, { recording: 'on' })
  await rig.until((state) => state.broadcast.state === 'on')
  const reader = follow(baseFor(rig))
  const sees = (segments: number) =>
    waitUntil(async () => (reader.newest()?.segments.length ?? 0) >= segments, WAIT_MS)
  expect(await sees(3)).toBe(true)
  return {
    rig,
    reader,
    sees,
    async end() {
      await rig.as('per_teacher', { name: 'class:end' })
      await rig.until((state) => state.broadcast.state === 'off')
      const isKept = async () => (await fetch(toReplay(rig))).status === 200
      expect(await waitUntil(isKept, WAIT_MS)).toBe(true)
      await reader.stop()
      expect(reader.problems).toEqual([])
    },
  }
}

/** Runs of which nothing is left: tried again and again while there is no space. */
const countFruitless = (state: ClassState) =>
  state.broadcast.runs.filter(({ end }) => end?.segments === 0).length

test.skipIf(!canMount)(
  '[DSK1] a disk that fills stops the broadcast in words, not in broken playlists, and with space it goes on by itself',
  async () => {
    const earlier = await broadcastClass()
    await earlier.end()
    const { rig, reader, sees, end } = await broadcastClass()
    const multivariant = await (await fetch(`${baseFor(rig)}/index.m3u8`)).text()
    // Nobody sends a picture: all that there is to choose is the slate and the sound.
    expect(multivariant.match(/\S+\.m3u8/g)).toEqual(['main.m3u8', 'audio.m3u8'])

    const makeSpace = await fillDisk(LEFT_KB)
    // The page says so from this fact on: "The broadcast is restarting".
    await rig.until((state) => state.broadcast.state === 'restarting')
    await rig.until((state) => countFruitless(state) > 1)
    const listed = reader.newest()?.segments.length ?? 0
    expect(reader.problems).toEqual([])
    expect(await readReplay(earlier.rig)).toBeGreaterThanOrEqual(3)
    let late = 0
    const recorder = createRecorder({
      redis: parts.store,
      broadcastDir: parts.broadcastDir,
      processId: newId('prc'),
      now: () => Date.now() + late,
      logger: testLogger,
      lookMs: 100,
      reserveBytes: 0,
    })
    expect(await waitUntil(async () => (await fileOf(earlier.rig))?.state === 'failed', WAIT_MS)).toBe(true)

    await makeSpace()
    await rig.until((state) => state.broadcast.state === 'on')
    expect(await sees(listed + 2)).toBe(true)
    await end()
    expect(await readReplay(rig)).toBe(reader.newest()?.segments.length)
    late = 120_000
    for (const made of [earlier.rig, rig]) {
      expect(await waitUntil(async () => (await fileOf(made))?.state === 'ready', WAIT_MS)).toBe(true)
    }
    await recorder.close()
  },
  TEST_MS,
)
