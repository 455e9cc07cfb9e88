import type { Redis } from 'ioredis'
import type { Logger } from '../logger'
import { openClassesKey } from '../redis/names'
import { findLeader } from './lease'

/** Classes taken in one round: the rest is left to the other processes, or to the next round. */
const CLASSES_A_ROUND = 50

export type CaretakerDeps = {
  redis: Redis
  logger: Logger
  intervalMs: number
  leads(classId: string): boolean
  /** Follows and leads it, if nobody else is faster. False: there is no such class. */
  lead(classId: string): Promise<boolean>
}

/** Looks for classes that nobody leads: their deadlines and their broadcast go on also when nobody says a word. */
export function createCaretaker(deps: CaretakerDeps): { look(): Promise<void>; close(): void } {
  const { redis, intervalMs, logger } = deps
  let closed = false
  let timer = wait()

  function wait(): NodeJS.Timeout {
    // Several processes share the work if they don't come at the same moment.
    const timer = setTimeout(
      () => {
        look()
          .catch((error) => logger.debug({ err: error }, 'Could not look for classes without a leader'))
          .finally(() => {
            if (!closed) rearm()
          })
      },
      intervalMs * (0.75 + Math.random() / 2),
    )
    timer.unref()
    return timer
  }

  function rearm() {
    timer = wait()
  }

  async function look() {
    if (redis.status !== 'ready') return
    const classIds = await redis.smembers(openClassesKey)
    const elsewhere = shuffle(classIds.filter((classId) => !deps.leads(classId)))
    const leaders = await Promise.all(elsewhere.map((classId) => findLeader(redis, classId)))
    const orphans = elsewhere.filter((_, i) => leaders[i] === null)
    for (const classId of orphans.slice(0, CLASSES_A_ROUND)) {
      if (closed) return
      if (!(await deps.lead(classId))) await redis.srem(openClassesKey, classId)
    }
  }

  return {
    look,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

function shuffle<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
