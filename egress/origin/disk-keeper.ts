import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { keysOf, openClassesKey, overRecordingsKey } from '../../server/redis/names'
import { parsePlan } from '../plan'
import type { Archive } from './archive'
import type { Metrics } from './metrics'
import { chooseVictims, type KeptClass } from './quota'

export type DiskKeeper = { close(): Promise<void> }

type Dependencies = {
  archive: Archive
  redis: Redis
  metrics: Metrics
  logger: Logger
  /** 0: what there is, is kept. */
  quotaBytes: number
  /** Server time, ms. */
  now: () => number
  /** What is in memory of a class that is no more. */
  onRemoved: (classId: string) => void
  lookMs?: number
}

/** A class writes some 15 MB a minute: the quota is exceeded by no more than that for each. */
const LOOK_MS = 60_000
/** An hour of one class. */
const LOW_BYTES = 1024 * 1024 * 1024
/** A class that has ended grows by its one file, and not often: it is measured so seldom. */
const MEASURE_ENDED_MS = 30 * 60_000

/** Keeps what is on the disk below the quota, and says how much there is. */
export function createDiskKeeper(dependencies: Dependencies): DiskKeeper {
  const { archive, redis, metrics, logger, quotaBytes, now, onRemoved, lookMs = LOOK_MS } = dependencies
  const measured = new Map<string, KeptClass & { at: number }>()
  let timer: NodeJS.Timeout | null = null
  let looking = Promise.resolve()
  let isClosed = false
  metrics.diskQuotaBytes = quotaBytes

  async function look() {
    metrics.diskFreeBytes = await archive.findFreeBytes()
    if (metrics.diskFreeBytes < LOW_BYTES) {
      logger.warn({ freeBytes: metrics.diskFreeBytes }, 'the disk is nearly full; broadcasts stop when it is')
    }
    if (quotaBytes === 0) return
    const open = new Set(await redis.smembers(openClassesKey))
    const classIds = await archive.list()
    for (const known of measured.keys()) if (!classIds.includes(known)) measured.delete(known)
    const classes: KeptClass[] = []
    for (const classId of classIds) classes.push(await measure(classId, open.has(classId)))
    for (const victim of chooseVictims(classes, quotaBytes, now())) await remove(victim)
    metrics.diskBytes = [...measured.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    if (metrics.diskBytes > quotaBytes) {
      logger.warn(
        { bytes: metrics.diskBytes, quotaBytes },
        'the quota is exceeded, and nothing may be deleted',
      )
    }
  }

  async function measure(classId: string, isOpen: boolean): Promise<KeptClass> {
    const kind = isOpen ? 'live' : await findKind(classId)
    const before = measured.get(classId)
    if (before?.kind === kind && kind !== 'live' && now() - before.at < MEASURE_ENDED_MS) return before
    const found = { classId, kind, ...(await archive.measure(classId)), at: now() }
    measured.set(classId, found)
    return found
  }

  async function findKind(classId: string): Promise<KeptClass['kind']> {
    const text = await redis.get(keysOf(classId).plan)
    const plan = text === null ? null : parsePlan(classId, text)
    if (!plan) return 'unknown'
    if (!plan.ended) return 'live'
    return plan.recorded ? 'recorded' : 'unrecorded'
  }

  async function remove({ classId, kind, bytes }: KeptClass) {
    // First, for nobody looks at a class again that is gone from the disk.
    if (kind === 'recorded') await redis.sadd(overRecordingsKey, classId)
    await archive.remove(classId)
    measured.delete(classId)
    metrics.diskDeleted += 1
    onRemoved(classId)
    await redis.del(keysOf(classId).recording)
    logger.warn({ classId, kind, bytes, quotaBytes }, 'a class is deleted to keep the quota')
  }

  function lookForever() {
    looking = look()
      .catch((fault: unknown) => logger.warn({ err: fault }, 'the disk cannot be looked after'))
      .then(() => {
        if (!isClosed) timer = setTimeout(lookForever, lookMs)
      })
  }

  lookForever()
  return {
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      await looking
    },
  }
}
