import type { Redis } from 'ioredis'
import type { Logger } from '../logger'
import type { FactArchive } from './archive'
import type { Follower } from './follow'
import type { Head } from './head'
import { MAX_LAG_FACTS, SCRIBE_FACTS } from './limits'
import type { Begun } from './recover'
import type { Rules } from './rules'
import { createScribeJob, type ScribeJob } from './scribe-job'
import type { Timing } from './timing'

/**
 * Classes written at the same time: while the database makes one transaction durable, others are on their way. More
 * would take connections of the pool from the people who wait for an answer.
 */
const CLASSES_AT_ONCE = 4

/** More transactions than the largest lag takes: a process that is told to end does end. */
const LAST_STEPS = 2 * (MAX_LAG_FACTS / SCRIBE_FACTS)

/** `failing`: since when (server time, ms) the archive does not take some class, or anything. */
export type ScribeStatus = { lagFacts: number; lagMs: number; failing: number | null }

/** Writes what happens in the led classes to the archive, in batches. */
export interface Scribe {
  findPosition(classId: string): Promise<Head | null>
  /** From where the archive stands, until the returned function is called and what was there by then is written. */
  write(follower: Follower): () => void
  /** Facts that only this process remembers, and the epoch that goes on from them. */
  begun(classId: string, begun: Extract<Begun, { kind: 'begun' }>): void
  isLagging(classId: string): boolean
  status(): ScribeStatus
  /** Writes what is left, unless the archive is away. */
  close(): Promise<void>
}

export type ScribeDeps = {
  redis: Redis
  archive: FactArchive
  rules: Rules
  logger: Logger
  timing: Timing
  now(): number
}

export function createScribe(deps: ScribeDeps): Scribe {
  const { archive, timing, logger } = deps
  const jobs = new Map<string, ScribeJob>()
  /** Classes that the archive does not take, and since when. */
  const failing = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let closing = false

  function wake(delayMs: number = failing.size === 0 ? timing.scribeLingerMs : timing.scribeRetryMs) {
    if (timer || running || closing) return
    timer = setTimeout(() => {
      timer = null
      running = round().finally(() => {
        running = null
        const waiting = [...jobs.values()].filter((job) => job.hasWork)
        const full = failing.size === 0 && waiting.some((job) => job.lagFacts > SCRIBE_FACTS)
        if (waiting.length > 0) wake(full ? 0 : undefined)
      })
    }, delayMs)
    timer.unref()
  }

  /** One transaction of every class in turn, so that a busy one does not keep the others waiting. */
  async function round() {
    for (const [classId, job] of jobs) if (job.finished) forget(classId)
    const waiting = [...jobs.values()].filter((job) => job.hasWork).values()
    let away = false
    const write = async () => {
      for (const job of waiting) if (away || !(await step(job))) away = true
    }
    await Promise.all(Array.from({ length: CLASSES_AT_ONCE }, write))
  }

  function forget(classId: string) {
    jobs.delete(classId)
    failing.delete(classId)
  }

  /** False: the archive is away, so the other classes need not be tried. One that it refuses keeps nobody waiting. */
  async function step(job: ScribeJob): Promise<boolean> {
    const { classId } = job
    try {
      await job.step()
      if (failing.delete(classId)) logger.info({ classId }, 'The archive takes the class again')
      return true
    } catch (error) {
      if (!failing.has(classId)) {
        failing.set(classId, deps.now())
        logger.error({ err: error, classId }, 'The archive does not take the class')
      }
      return archive.findPosition(classId).then(
        () => true,
        () => false,
      )
    }
  }

  function findJob(classId: string): ScribeJob {
    const job = jobs.get(classId) ?? createScribeJob(deps, classId)
    jobs.set(classId, job)
    return job
  }

  return {
    findPosition: (classId) => archive.findPosition(classId),
    write(follower) {
      const job = findJob(follower.classId)
      const stop = job.follow(follower, () => wake())
      wake()
      return stop
    },
    begun(classId, begun) {
      findJob(classId).begun(begun)
      wake()
    },
    isLagging: (classId) => (jobs.get(classId)?.lagFacts ?? 0) > MAX_LAG_FACTS,
    status() {
      const lags = [...jobs.values()].map((job) => job.lagFacts)
      const oldest = [...jobs.values()].flatMap((job) => (job.behindSince === null ? [] : [job.behindSince]))
      const lagMs = oldest.length > 0 ? deps.now() - Math.min(...oldest) : 0
      const since = failing.size > 0 ? Math.min(...failing.values()) : null
      return { lagFacts: lags.reduce((sum, lag) => sum + lag, 0), lagMs, failing: since }
    },
    async close() {
      closing = true
      if (timer) clearTimeout(timer)
      await running
      for (const job of jobs.values()) {
        for (let left = LAST_STEPS; left > 0 && job.hasWork; left--) {
          if (!(await step(job))) return
          if (failing.has(job.classId)) break
        }
      }
    },
  }
}
