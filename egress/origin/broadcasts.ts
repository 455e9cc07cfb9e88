import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { classOf, keysOf, openClassesKey, planChannels } from '../../server/redis/names'
import { type BroadcastPlan, isRunning, parsePlan } from '../plan'
import { toStandbyName } from '../run-health'
import { type Broadcast, createBroadcast } from './broadcast'
import { createHealthReporter, toBacklogSeenAt, toHealth } from './health'
import type { Metrics } from './metrics'
import type { PartSource } from './part-source'
import type { RunRecord } from './run-record'

export type Broadcasts = {
  /** The class's broadcast, loaded if need be; null if there is no plan for it. */
  find(classId: string): Promise<Broadcast | null>
  /** The same where it is loaded. */
  recall(classId: string): Broadcast | null
  /** As it is in memory, else as it is in Redis; null if there is none, or if Redis does not say. */
  findPlan(classId: string): Promise<BroadcastPlan | null>
  /** Takes a class out of memory that does not exist any more; it is loaded anew if somebody asks. */
  forget(classId: string): void
  start(): Promise<void>
  close(): Promise<void>
}

type Dependencies = {
  redis: Redis
  /** A connection of its own: one that subscribes can do nothing else. */
  subscriber: Redis
  source: PartSource
  metrics: Metrics
  logger: Logger
  now: () => number
  idleMs?: number
}

/** Messages of pub/sub may be lost; so late, at most, a plan is seen. */
const PLAN_POLL_MS = 2000
/** A class without a running run and without viewers for this long leaves the memory. */
const IDLE_MS = 5 * 60_000

type Entry = { broadcast: Broadcast; usedAt: number; refreshed: Promise<void> | null; isStale: boolean }

/** All classes this origin holds. Those with a running run are always held: their health depends on it. */
export function createBroadcasts(dependencies: Dependencies): Broadcasts {
  const { redis, subscriber, source, metrics, logger, now, idleMs = IDLE_MS } = dependencies
  const entries = new Map<string, Entry>()
  const firstPartAt = new Map<string, number>()
  const onFault = (fault: unknown) => logger.warn({ err: fault }, 'redis does not answer')
  const health = createHealthReporter(redis, onFault)
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  metrics.classes = () => entries.size

  function load(classId: string): Entry {
    const broadcast = createBroadcast(classId, source, {
      onParts: (run, isBacklog) => report(broadcast, run, isBacklog),
      onProblem: (runId, problem) => {
        metrics.journalProblems += 1
        logger.error({ err: problem, classId, runId }, 'the journal of a run cannot be read on')
      },
      onRender: () => {
        metrics.renders += 1
      },
    })
    const entry = { broadcast, usedAt: now(), refreshed: null, isStale: false }
    entries.set(classId, entry)
    return entry
  }

  function report(broadcast: Broadcast, run: RunRecord, isBacklog: boolean) {
    const plan = broadcast.plan()
    const planned = plan?.runs.find(({ runId }) => runId === run.runId)
    const waits = plan?.standby?.runId === run.runId
    if (!waits && (!planned || planned.end)) return
    const seenAt = isBacklog ? toBacklogSeenAt(run, now()) : now()
    const key = `${broadcast.classId} ${waits ? toStandbyName(run.runId) : run.runId}`
    const first = firstPartAt.get(key) ?? (isBacklog ? (run.boundaries[0]?.pdtMs ?? seenAt) : seenAt)
    const found = toHealth(run, seenAt, first)
    if (!found) return
    firstPartAt.set(key, first)
    if (!isBacklog) metrics.lastPartDelayMs = seenAt - found.lastPdt
    const quick = plan?.standby !== undefined
    health.report(broadcast.classId, waits ? { ...found, runId: toStandbyName(run.runId) } : found, quick)
  }

  /** Reads the plan anew; a call while one is under way makes sure that another follows. */
  function refresh(classId: string): Promise<void> {
    const entry = entries.get(classId)
    if (entry?.refreshed) {
      entry.isStale = true
      return entry.refreshed
    }
    const refreshed = readPlan(classId).finally(() => {
      const current = entries.get(classId)
      if (!current) return
      current.refreshed = null
      if (current.isStale && !isClosed) {
        current.isStale = false
        void refresh(classId).catch(onFault)
      }
    })
    if (entry) entry.refreshed = refreshed
    return refreshed
  }

  async function readPlan(classId: string) {
    const text = await redis.get(keysOf(classId).plan)
    if (text === null || isClosed) return
    const plan = parsePlan(classId, text)
    if (!plan) {
      metrics.planProblems += 1
      logger.error({ classId }, 'the plan of a class is not legal; the last one stays')
      return
    }
    const entry = entries.get(classId) ?? (isRunning(plan) ? load(classId) : null)
    if (entry) await take(entry.broadcast, plan)
  }

  async function take(broadcast: Broadcast, plan: BroadcastPlan) {
    const before = broadcast.plan()
    if (JSON.stringify(before) === JSON.stringify(plan)) return
    await broadcast.applyPlan(plan)
    for (const { runId, end } of plan.runs) {
      const run = broadcast.run(runId)
      if (end) {
        health.forget(broadcast.classId, runId)
        firstPartAt.delete(`${broadcast.classId} ${runId}`)
      } else if (run) report(broadcast, run, true)
    }
    if (plan.closing) health.conclude(broadcast.classId, plan.closing, plan.closingId ?? '')
  }

  async function tick() {
    const open = await redis.smembers(openClassesKey)
    await Promise.all([...new Set([...open, ...entries.keys()])].map(refresh))
    for (const [classId, entry] of entries) {
      const plan = entry.broadcast.plan()
      const running = plan && isRunning(plan) ? plan.runs.at(-1) : undefined
      if (running) health.refresh(classId, running.runId)
      else if (now() - entry.usedAt > idleMs && entry.broadcast.holds.size() === 0) {
        entries.delete(classId)
        entry.broadcast.close()
      }
    }
  }

  async function tickForever() {
    await tick().catch(onFault)
    if (!isClosed) timer = setTimeout(tickForever, PLAN_POLL_MS)
  }

  function recall(classId: string): Broadcast | null {
    const known = entries.get(classId)
    if (!known?.broadcast.plan()) return null
    known.usedAt = now()
    return known.broadcast
  }

  return {
    recall,
    async find(classId) {
      const known = recall(classId)
      if (known) return known
      const text = await redis.get(keysOf(classId).plan)
      const plan = text === null ? null : parsePlan(classId, text)
      if (!plan || isClosed) return null
      const entry = entries.get(classId) ?? load(classId)
      await take(entry.broadcast, plan)
      return entry.broadcast
    },
    async findPlan(classId) {
      const known = entries.get(classId)?.broadcast.plan()
      if (known) return known
      try {
        const text = await redis.get(keysOf(classId).plan)
        return text === null ? null : parsePlan(classId, text)
      } catch (fault) {
        onFault(fault)
        return null
      }
    },
    forget(classId) {
      entries.get(classId)?.broadcast.close()
      entries.delete(classId)
    },
    async start() {
      const subscribe = () => subscriber.psubscribe(planChannels).catch(onFault)
      subscriber.on('pmessage', (_pattern, channel: string) => {
        refresh(classOf(channel)).catch(onFault)
      })
      subscriber.on('ready', subscribe)
      if (subscriber.status === 'ready') await subscribe()
      await tickForever()
    },
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      for (const { broadcast } of entries.values()) broadcast.close()
      entries.clear()
      await health.close()
    },
  }
}
