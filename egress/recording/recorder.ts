import { mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { keysOf, overRecordingsKey } from '../../server/redis/names'
import { type BroadcastPlan, isOver } from '../plan'
import { parseRecordingState, type RecordingState } from '../recording-state'
import { toRecordingFile, toStateFile, toWorkDir } from './files'
import { withLock } from './lock'
import { makeMp4 } from './make-mp4'
import { type Piece, toPieces } from './pieces'
import { createRound } from './round'
import { type KeptRun, readRunJournal } from './run-journal'
import { findSizes } from './sizes'
import { trimClass } from './trim'

export type RecorderOptions = {
  redis: Redis
  broadcastDir: string
  /** Among the processes that share the directory. */
  processId: string
  /** Server time, ms. */
  now(): number
  logger: Logger
  lookMs?: number
  /** Left on the disk for classes that go on. */
  reserveBytes?: number
}

export type Recorder = { close(): Promise<void> }

/** Nobody waits for the file beside a class that has just ended for less than that. */
const LOOK_MS = 5_000
/** A broken piece stays broken: tried again for a full disk or a killed ffmpeg, then left to the operator. */
const TRIES = 5
const RETRY_MS = 60_000
/** A quarter of an hour of a class: what is left for those that go on while a file is made. */
const RESERVE_BYTES = 256 * 1024 * 1024
/** Its pieces and the whole lie beside each other until it is done, with the headers of MPEG-TS. */
const SPACE_FACTOR = 2.2
/** Progress is told this often at most. */
const TELL_MS = 1_000

/**
 * Looks after what classes that have ended left on this disk: makes the one file of a recording (exactly once among
 * all processes that see the disk), deletes what was not recorded, and all of it when its time is over. Files are made one
 * at a time, for each costs a processor; what is to be deleted does not wait for them.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { redis, broadcastDir, processId, now, lookMs = LOOK_MS, reserveBytes = RESERVE_BYTES } = options
  const stop = new AbortController()
  const trimmed = new Set<string>()
  /** A disk that is full cannot remember them. */
  const failures = new Map<string, RecordingState & { state: 'failed' }>()
  /** The class whose file this process looks for or makes. */
  let keeping: { classId: string; end: AbortController } | null = null

  async function clear(plan: BroadcastPlan, logger: Logger): Promise<void> {
    const { classId } = plan
    if (isOver(plan, now())) {
      // Whoever makes its file, here or elsewhere, would put back what is gone: it is deleted when that has stopped.
      if (keeping?.classId === classId) return keeping.end.abort()
      const lock = keysOf(classId).recordingLock
      await withLock(redis, lock, `${processId} clears`, () => remove(plan, logger), stop.signal)
      return
    }
    if (plan.trimAt === undefined || plan.trimAt > now() || trimmed.has(classId)) return
    const removed = await trimClass(broadcastDir, plan)
    trimmed.add(classId)
    if (removed > 0) logger.info({ files: removed }, 'what was not recorded is deleted')
  }

  async function remove({ classId, recorded, keepUntil }: BroadcastPlan, logger: Logger): Promise<void> {
    // First, for nobody looks at a class again that is gone from the disk.
    if (recorded) await redis.sadd(overRecordingsKey, classId)
    await rm(join(broadcastDir, classId), { recursive: true, force: true })
    await redis.del(keysOf(classId).recording)
    trimmed.delete(classId)
    failures.delete(classId)
    logger.info({ keepUntil }, 'what was left of the class is deleted')
  }

  async function keep(plan: BroadcastPlan, logger: Logger): Promise<void> {
    if (stop.signal.aborted || !plan.recorded || isOver(plan, now())) return
    const end = new AbortController()
    keeping = { classId: plan.classId, end }
    try {
      await makeIfDue(plan, logger, end.signal)
    } finally {
      keeping = null
    }
  }

  async function makeIfDue(plan: BroadcastPlan, logger: Logger, end: AbortSignal): Promise<void> {
    const { classId } = plan
    const before = failures.get(classId) ?? (await readState(classId))
    if (before?.state === 'ready' || before?.state === 'empty') return tellIfForgotten(classId, before)
    const tries = before?.state === 'failed' ? before.tries : 0
    if (before?.state === 'failed' && (tries >= TRIES || now() - before.at < RETRY_MS)) {
      return tellIfForgotten(classId, before)
    }
    const work = (signal: AbortSignal) => make(plan, tries, logger, signal)
    await withLock(redis, keysOf(classId).recordingLock, processId, work, end)
  }

  async function make(plan: BroadcastPlan, tries: number, logger: Logger, signal: AbortSignal) {
    const { classId } = plan
    const begunAt = performance.now()
    const runs = new Map<string, KeptRun>()
    for (const { runId, skip } of plan.runs) {
      const run = await readRunJournal(broadcastDir, classId, runId, skip)
      if (run) runs.set(runId, run)
    }
    const sizes = await findSizes(join(broadcastDir, classId), [...runs.keys()])
    const pieces = toPieces(plan, runs, (runId, file, size) => (sizes.get(join(runId, file)) ?? 0) >= size)
    if (pieces.length === 0) return write(classId, { state: 'empty', at: now() })
    if (!(await hasSpace(pieces))) {
      logger.error('there is no space on the disk to make the recording')
      return fail(classId, 'there is no space on the disk', tries)
    }
    let toldAt = Number.NEGATIVE_INFINITY
    const onShare = (share: number) => {
      if (performance.now() - toldAt < TELL_MS) return
      toldAt = performance.now()
      void tell(classId, { state: 'making', share, at: now() }).catch(() => {})
    }
    onShare(0)
    const outFile = toRecordingFile(broadcastDir, classId)
    const classDir = join(broadcastDir, classId)
    const workDir = toWorkDir(broadcastDir, classId)
    try {
      await makeMp4({ classDir, pieces, title: classId, workDir, outFile, onShare, signal })
    } catch (error) {
      // Not a failure of the recording: whoever goes on finds the finished pieces.
      if (signal.aborted) return
      // What a full disk has of it would keep the disk full.
      await rm(workDir, { recursive: true, force: true })
      await rm(`${outFile}.part`, { force: true })
      logger.error({ err: error, tries }, 'the recording could not be made')
      const problem = error instanceof Error ? error.message.slice(0, 500) : 'unknown'
      return fail(classId, problem, tries + 1)
    }
    const { size: bytes } = await stat(outFile)
    const seconds = pieces.reduce((sum, piece) => sum + piece.seconds, 0)
    await write(classId, { state: 'ready', bytes, seconds, at: now() })
    failures.delete(classId)
    const tookMs = Math.round(performance.now() - begunAt)
    logger.info({ pieces: pieces.length, bytes, seconds, tookMs }, 'the recording is made')
  }

  async function hasSpace(pieces: readonly Piece[]): Promise<boolean> {
    const { bavail, bsize } = await statfs(broadcastDir)
    const bytes = pieces.flatMap(({ segments }) => segments).reduce((sum, { size }) => sum + size, 0)
    return bavail * bsize >= bytes * SPACE_FACTOR + reserveBytes
  }

  async function fail(classId: string, problem: string, tries: number): Promise<void> {
    const state = { state: 'failed', problem, tries, at: now() } as const
    failures.set(classId, state)
    await tell(classId, state)
    await write(classId, state)
  }

  async function readState(classId: string): Promise<RecordingState | null> {
    return parseRecordingState(await readFile(toStateFile(broadcastDir, classId), 'utf8').catch(() => null))
  }

  async function write(classId: string, state: RecordingState): Promise<void> {
    const path = toStateFile(broadcastDir, classId)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, JSON.stringify(state))
    await tell(classId, state)
  }

  async function tell(classId: string, state: RecordingState): Promise<void> {
    await redis.set(keysOf(classId).recording, JSON.stringify(state))
  }

  /** The disk remembers what Redis may have lost. */
  async function tellIfForgotten(classId: string, state: RecordingState): Promise<void> {
    await redis.set(keysOf(classId).recording, JSON.stringify(state), 'NX')
  }

  const around = { redis, broadcastDir, logger: options.logger, lookMs, stop: stop.signal }
  const rounds = [createRound(around, clear), createRound(around, keep)]
  return {
    async close() {
      stop.abort()
      keeping?.end.abort()
      await Promise.all(rounds.map((round) => round.close()))
    },
  }
}
