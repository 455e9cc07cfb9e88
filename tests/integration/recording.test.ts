import { execFile } from 'node:child_process'
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin } from '../../egress/origin/origin'
import type { BroadcastPlan } from '../../egress/plan'
import { createDownload } from '../../egress/recording/download'
import { toRecordingFile, toWorkDir } from '../../egress/recording/files'
import { makeMp4 } from '../../egress/recording/make-mp4'
import { toPieces } from '../../egress/recording/pieces'
import { createRecorder, type Recorder } from '../../egress/recording/recorder'
import { readRunJournal } from '../../egress/recording/run-journal'
import { parseRecordingState, type RecordingState } from '../../egress/recording-state'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { createTokens } from '../../server/people/tokens'
import { keysOf } from '../../server/redis/names'
import { testLogger } from '../support/class-rig'
import { startRedis, type TestRedis } from '../support/redis'
import { recordTapes, type Tape } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

const execute = promisify(execFile)
const WAIT_MS = 30_000
const TEST_MS = 60_000
const START = 1_700_000_000_000
const FOR_EVER = 8.64e15

let server: TestRedis
let redis: Redis
let dir: string
let small: Tape[]
let large: Tape[]
const recorders: Recorder[] = []

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
  dir = await mkdtemp(join(tmpdir(), 'amphi-recording-'))
  small = await recordTapes(10)
  large = await recordTapes(8, '640x360')
}, TEST_MS)

/** All look at the same directory: one that went on would make what the next test keeps for its own. */
afterEach(async () => {
  await Promise.all(recorders.splice(0).map((recorder) => recorder.close()))
}, TEST_MS)

afterAll(async () => {
  redis.disconnect()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
}, TEST_MS)

function record(now = () => START + 60_000): Recorder {
  const recorder = createRecorder({
    redis,
    broadcastDir: dir,
    processId: newId('prc'),
    now,
    logger: testLogger,
    lookMs: 50,
  })
  recorders.push(recorder)
  return recorder
}

async function setPlan(
  plan: Partial<BroadcastPlan> & Pick<BroadcastPlan, 'classId' | 'runs'>,
): Promise<void> {
  const whole = {
    ended: true,
    recorded: true,
    recording: [{ from: START - 1 }],
    keepUntil: FOR_EVER,
    ...plan,
  }
  await redis.set(keysOf(plan.classId).plan, JSON.stringify(whole))
}

/** In place of ffmpeg one that does nothing until it is let go. */
async function holdFfmpeg(): Promise<{ go(): Promise<void>; restore(): void }> {
  const bin = await mkdtemp(join(tmpdir(), 'amphi-slow-ffmpeg-'))
  const path = process.env.PATH ?? ''
  const { stdout } = await execute('sh', ['-c', 'command -v ffmpeg'])
  const script = `#!/bin/sh\nwhile [ ! -e ${bin}/go ]; do sleep 0.05; done\nexec ${stdout.trim()} "$@"\n`
  await writeFile(join(bin, 'ffmpeg'), script)
  await chmod(join(bin, 'ffmpeg'), 0o755)
  process.env.PATH = `${bin}:${path}`
  return {
    go: () => mkdir(join(bin, 'go')),
    restore() {
      process.env.PATH = path
    },
  }
}

const readState = async (classId: string) => parseRecordingState(await redis.get(keysOf(classId).recording))

async function untilState(classId: string, state: RecordingState['state']): Promise<RecordingState> {
  expect(await waitUntil(async () => (await readState(classId))?.state === state, WAIT_MS)).toBe(true)
  const found = await readState(classId)
  if (!found) throw new Error('no state')
  return found
}

/** Two runs, the second with another size of picture; the first died in the middle of a segment. */
async function writeClass(): Promise<BroadcastPlan['runs'] & { classId?: string }> {
  const classId = newId('cls')
  const first = createTapeWorker(dir, classId, 'run_a', small, START)
  first.writeTo(3, 4)
  const end = first.reached()
  const second = createTapeWorker(dir, classId, 'run_b', large, START + 10_000)
  second.writeTo(3)
  second.end()
  const runs = [
    { runId: 'run_a', base: 0, end },
    { runId: 'run_b', base: end.segments, end: second.reached() },
  ]
  return Object.assign(runs, { classId })
}

type Probe = {
  format: { duration: string }
  streams: { codec_type: string; codec_name: string; duration: string; nb_read_packets: string }[]
  packets: { codec_type: string; dts_time: string }[]
}

async function probe(file: string): Promise<Probe> {
  const what = ['-show_format', '-show_streams', '-show_packets', '-count_packets', '-of', 'json']
  const { stdout } = await execute('ffprobe', ['-loglevel', 'error', ...what, file], {
    maxBuffer: 64 * 1024 * 1024,
  })
  return JSON.parse(stdout)
}

/** Both kinds of streams with time that always goes forward, and as long as each other. */
function expectSound({ streams, packets, format }: Probe, seconds: number): void {
  expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264'])
  for (const { duration } of streams) expect(Math.abs(Number(duration) - seconds)).toBeLessThan(0.2)
  expect(Math.abs(Number(format.duration) - seconds)).toBeLessThan(0.2)
  for (const kind of ['video', 'audio']) {
    const times = packets
      .filter(({ codec_type }) => codec_type === kind)
      .map(({ dts_time }) => Number(dts_time))
    expect(times.length).toBeGreaterThan(100)
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true)
  }
}

test(
  'a recorded class that has ended becomes one MP4, through the death of a run and a change of the picture',
  async () => {
    const runs = await writeClass()
    const classId = runs.classId ?? ''
    await setPlan({ classId, runs: [...runs] })
    const recorder = record()
    const state = await untilState(classId, 'ready')
    await recorder.close()
    const seconds = state.state === 'ready' ? state.seconds : 0
    expect(seconds).toBeGreaterThan(12.5)
    const file = toRecordingFile(dir, classId)
    expectSound(await probe(file), seconds)
    // Every picture of it can be decoded, at both sizes.
    const { stderr } = await execute('ffmpeg', ['-loglevel', 'error', '-i', file, '-f', 'null', '-'])
    expect(stderr).toBe('')
    await expect(access(toWorkDir(dir, classId))).rejects.toThrow()
  },
  TEST_MS,
)

test(
  'what was not recorded is not in the file, and is gone from the disk some minutes after the class',
  async () => {
    const runs = await writeClass()
    const classId = runs.classId ?? ''
    const recording = [{ from: START + 1_900, to: START + 4_100 }]
    let now = START + 60_000
    // A standby that never took over, or a run that came back from the dead: nobody has counted it.
    createTapeWorker(dir, classId, 'run_stray', small, START).writeTo(2)
    await setPlan({ classId, runs: [...runs], recording, trimAt: now + 60_000 })
    record(() => now)
    const state = await untilState(classId, 'ready')
    expect(state).toMatchObject({ seconds: expect.closeTo(2, 1) })
    const left = async () =>
      (await readdir(join(dir, classId), { recursive: true })).filter((name) => name.endsWith('.m4s')).sort()
    expect(await left()).toContain('run_a/main-0.m4s')
    now += 60_000
    expect(await waitUntil(async () => (await left()).length === 2, WAIT_MS)).toBe(true)
    expect(await left()).toEqual(['run_a/audio-1.m4s', 'run_a/main-1.m4s'])
  },
  TEST_MS,
)

test(
  'what the disk has lost is not in the file, and everything else is',
  async () => {
    const runs = await writeClass()
    const classId = runs.classId ?? ''
    await truncate(join(dir, classId, 'run_a', 'main-1.m4s'), 0)
    await rm(join(dir, classId, 'run_b', 'main-0.m4s'))
    await setPlan({ classId, runs: [...runs] })
    const recorder = record()
    const state = await untilState(classId, 'ready')
    await recorder.close()
    expect(state).toMatchObject({ seconds: expect.closeTo(9, 0) })
    const { format } = await probe(toRecordingFile(dir, classId))
    expect(Math.abs(Number(format.duration) - (state.state === 'ready' ? state.seconds : 0))).toBeLessThan(
      0.3,
    )
  },
  TEST_MS,
)

test(
  'a file that cannot be read is no end of a piece: there is no recording rather than half of one',
  async () => {
    const runs = await writeClass()
    const classDir = join(dir, runs.classId ?? '')
    const run = await readRunJournal(dir, runs.classId ?? '', 'run_b')
    const plan = { classId: '', ended: true, recorded: true, runs: runs.slice(1) }
    const pieces = toPieces(plan, new Map(run ? [['run_b', run]] : []))
    await rm(join(classDir, 'run_b', 'main-2.m4s'))
    const { signal } = new AbortController()
    const [workDir, outFile] = [toWorkDir(dir, runs.classId ?? ''), join(classDir, 'out.mp4')]
    const job = { classDir, pieces, title: '', workDir, outFile, onShare() {}, signal }
    await expect(makeMp4(job)).rejects.toThrow('main-2.m4s')
    await expect(access(outFile)).rejects.toThrow()
    await rm(classDir, { recursive: true })
  },
  TEST_MS,
)

test(
  'a class that was not recorded, or was deleted, leaves nothing',
  async () => {
    const runs = await writeClass()
    const classId = runs.classId ?? ''
    await setPlan({ classId, runs: [...runs] })
    let now = START + 60_000
    record(() => now)
    await untilState(classId, 'ready')
    now += 1_000
    await setPlan({ classId, runs: [...runs], recorded: false, recording: [], keepUntil: now })
    const isGone = async () => !(await readdir(dir)).includes(classId)
    expect(await waitUntil(isGone, WAIT_MS)).toBe(true)
    expect(await waitUntil(async () => (await readState(classId)) === null, WAIT_MS)).toBe(true)
  },
  TEST_MS,
)

test(
  'while a file is made, what is to be deleted of this and other classes does not wait for it, and other files do',
  async () => {
    const ffmpeg = await holdFfmpeg()
    try {
      const now = START + 60_000
      const [long, over, trimmed] = [await writeClass(), await writeClass(), await writeClass()]
      const [longId = '', overId = '', trimmedId = ''] = [long, over, trimmed].map(({ classId }) => classId)
      await setPlan({ classId: longId, runs: [...long] })
      const recorder = record(() => now)
      await untilState(longId, 'making')

      const recording = [{ from: START + 1_900, to: START + 4_100 }]
      await setPlan({ classId: trimmedId, runs: [...trimmed], recording, trimAt: now })
      await setPlan({ classId: overId, runs: [...over], recorded: false, recording: [], keepUntil: now })
      const isGone = async (classId: string) => !(await readdir(dir)).includes(classId)
      expect(await waitUntil(() => isGone(overId), WAIT_MS)).toBe(true)
      const left = async () =>
        (await readdir(join(dir, trimmedId), { recursive: true })).filter((name) => name.endsWith('.m4s'))
      expect(await waitUntil(async () => (await left()).length === 2, WAIT_MS)).toBe(true)
      expect((await readState(longId))?.state).toBe('making')
      expect(await readState(trimmedId)).toBeNull()

      // Its own time is over in the middle: the making stops, and puts nothing back.
      await setPlan({ classId: longId, runs: [...long], keepUntil: now })
      expect(await waitUntil(() => isGone(longId), WAIT_MS)).toBe(true)
      expect(await waitUntil(async () => (await readState(longId)) === null, WAIT_MS)).toBe(true)
      await ffmpeg.go()
      await untilState(trimmedId, 'ready')
      await recorder.close()
      expect(await isGone(longId)).toBe(true)
      expect(await readState(longId)).toBeNull()
    } finally {
      ffmpeg.restore()
    }
  },
  TEST_MS,
)

test(
  'the file is made by one of several processes, and by another one if that dies on the way',
  async () => {
    const runs = await writeClass()
    const classId = runs.classId ?? ''
    // Somebody holds the lock who does nothing: dead, and not yet forgotten.
    const lock = keysOf(classId).recordingLock
    await redis.set(lock, 'prc_dead', 'PX', TEST_MS)
    await setPlan({ classId, runs: [...runs] })
    const other = await writeClass()
    const otherId = other.classId ?? ''
    await setPlan({ classId: otherId, runs: [...other] })
    const made: string[] = []
    const closing = record()
    await untilState(otherId, 'ready')
    // Told again at a look at its class: between two of them lies one at every class.
    for (let look = 0; look < 2; look++) {
      await redis.del(keysOf(otherId).recording)
      await untilState(otherId, 'ready')
    }
    await closing.close()
    expect(await readState(classId)).toBeNull()
    await redis.pexpire(lock, 1_000)
    const both = [record(), record()]
    const state = await untilState(classId, 'ready')
    made.push(JSON.stringify(state))
    const written = await readFile(toRecordingFile(dir, classId))
    await Promise.all(both.map((recorder) => recorder.close()))
    expect(await readFile(toRecordingFile(dir, classId))).toEqual(written)
    expect(JSON.stringify(await readState(classId))).toBe(made[0])
    // Redis forgets; the disk does not, and nothing is made anew.
    await redis.del(keysOf(classId).recording)
    record()
    expect(JSON.stringify(await untilState(classId, 'ready'))).toBe(made[0])
  },
  TEST_MS,
)

test(
  'the file is downloaded with the token of its class only, in ranges, and not once it is deleted',
  async () => {
    const runs = await writeClass()
    const classId = runs.classId ?? ''
    await setPlan({ classId, runs: [...runs] })
    const recorder = record()
    await untilState(classId, 'ready')
    // What is on the disk stays there: only the plan says that it is deleted.
    await recorder.close()
    const tokens = createTokens(['a-secret-key-for-tests'], Date.now)
    const origin = await createOrigin({
      redisUrl: server.url,
      source: createDirectorySource(dir),
      tokens,
      elsewhere: (connection) =>
        createDownload({ redis: connection, broadcastDir: dir, tokens, now: Date.now }).handle,
      logger: testLogger,
      port: 0,
      now: Date.now,
    })
    const get = (token: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${origin.port}/download/${token}/recording.mp4`, { headers })
    const good = tokens.signDownload({ cls: classId, sub: 'per_t' })
    const file = await readFile(toRecordingFile(dir, classId))

    const whole = await get(good)
    expect(whole.headers.get('content-disposition')).toContain('recording.mp4')
    expect(whole.headers.get('cache-control')).toContain('no-store')
    expect(Buffer.from(await whole.arrayBuffer()).equals(file)).toBe(true)
    const etag = whole.headers.get('etag') ?? ''
    const rest = await get(good, { Range: `bytes=${file.length - 10}-`, 'If-Range': etag })
    expect(rest.status).toBe(206)
    expect(Buffer.from(await rest.arrayBuffer()).equals(file.subarray(-10))).toBe(true)
    expect((await get(good, { Range: `bytes=${file.length}-` })).status).toBe(416)

    const watch = tokens.signWatch({ cls: classId, sub: 'per_s', ver: 0 })
    const foreign = tokens.signDownload({ cls: newId('cls'), sub: 'per_t' })
    const old = tokens.signDownload({ cls: classId, sub: 'per_t' }, -1)
    const statuses = await Promise.all([watch, 'x', old, foreign].map(async (t) => (await get(t)).status))
    expect(statuses).toEqual([403, 403, 403, 404])

    const replay = `http://127.0.0.1:${origin.port}/${watch}/${classId}/index.m3u8`
    expect((await fetch(replay)).status).toBe(200)
    await setPlan({ classId, runs: [...runs], recorded: false, recording: [], keepUntil: Date.now() })
    await redis.publish(keysOf(classId).plan, '')
    expect((await get(good)).status).toBe(410)
    expect(await waitUntil(async () => (await fetch(replay)).status === 410, WAIT_MS)).toBe(true)
    await origin.close()
  },
  TEST_MS,
)
