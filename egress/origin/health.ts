import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { keysOf } from '../../server/redis/names'
import { toBusScript } from '../../server/redis/publish'
import { type RunHealth, toClosedName } from '../run-health'
import type { RunRecord } from './run-record'
import { sumSeconds } from './run-record'

export type HealthReporter = {
  /** Puts down what is listed of a run. Written at once, then at most every `HEALTH_INTERVAL_MS`. */
  report(classId: string, health: RunHealth, quick?: boolean): void
  /**
   * Writes the last report again, so that a dead run's does not expire before the director has acted. One that waits
   * for its time goes on to wait.
   */
  refresh(classId: string, runId: string): void
  /** Puts down what is listed of a run at once, and after it that this is all. */
  conclude(classId: string, runId: string, closingId: string): void
  forget(classId: string, runId: string): void
  close(): Promise<void>
}

/** Half a second is the worth of two parts: quick enough to see a death in, slow enough for a thousand classes. */
const HEALTH_INTERVAL_MS = 500
/** Where a standby waits: a death is to be seen within three parts. */
const QUICK_INTERVAL_MS = 100
const HEALTH_EXPIRES_MS = 60_000

/**
 * Several origins report the same run; one that lags must not take back what another has listed, and one that
 * has just started must not make an old part look new.
 */
const PUT_HEALTH = `
local old = redis.call('HGET', KEYS[1], ARGV[1])
local new = cjson.decode(ARGV[2])
if old then
  local was = cjson.decode(old)
  local same = was.segments == new.segments and was.parts >= new.parts
  if was.segments > new.segments or (same and not (new.ended and not was.ended)) then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
`

/** What is listed of a run, or null before its first part. */
export function toHealth(run: RunRecord, seenAt: number, firstPartAt: number): RunHealth | null {
  const segments = run.boundaries.length
  const newest = [...run.variants.values()].flatMap(({ last }) => (last?.number === segments - 1 ? last : []))
  const longest = newest.toSorted((a, b) => b.parts.length - a.parts.length)[0]
  const part = longest?.parts.at(-1)
  if (!longest || !part) return null
  const { partCount: parts } = longest
  const { runId, ended } = run
  const known = { runId, segments, parts, lastPdt: part.pdtMs, seenAt, firstPartAt }
  const found: RunHealth = ended ? { ...known, ended } : known
  const picture = run.pictures.at(-1)
  if (!picture) return found
  const { at, main, aside } = picture
  return { ...found, picture: { at, main, aside } }
}

/** When the newest part of a run that was found on disk ended: the best guess at when it was written. */
export function toBacklogSeenAt(run: RunRecord, now: number): number {
  const ends = [...run.variants.values()].map(({ last }) =>
    last ? last.pdtMs + sumSeconds(last.parts) * 1000 : 0,
  )
  return Math.min(now, Math.max(0, ...ends))
}

export function createHealthReporter(redis: Redis, onFault: (fault: unknown) => void): HealthReporter {
  const originId = randomUUID()
  const entries = new Map<
    string,
    { health: RunHealth; timer: NodeJS.Timeout | null; isDirty: boolean; quick: boolean }
  >()
  const writes = new Set<Promise<unknown>>()

  function write(classId: string, health: RunHealth) {
    const fields = [health.runId, JSON.stringify(health), HEALTH_EXPIRES_MS]
    keep(redis.eval(toBusScript(redis, PUT_HEALTH), 1, keysOf(classId).health, ...fields))
  }

  function keep(write: Promise<unknown>) {
    const done = write.catch(onFault)
    writes.add(done)
    void done.finally(() => writes.delete(done))
  }

  function flush(classId: string, key: string) {
    const entry = entries.get(key)
    if (!entry) return
    entry.timer = null
    if (!entry.isDirty) return
    entry.isDirty = false
    entry.timer = setTimeout(() => flush(classId, key), entry.quick ? QUICK_INTERVAL_MS : HEALTH_INTERVAL_MS)
    write(classId, entry.health)
  }

  return {
    report(classId, health, quick = false) {
      const key = `${classId} ${health.runId}`
      const entry = entries.get(key) ?? { health, timer: null, isDirty: true, quick }
      entry.health = health
      entry.quick = quick
      entry.isDirty = true
      entries.set(key, entry)
      if (!entry.timer) flush(classId, key)
    },
    refresh(classId, runId) {
      const entry = entries.get(`${classId} ${runId}`)
      if (entry && !entry.isDirty) write(classId, entry.health)
    },
    conclude(classId, runId, closingId) {
      const entry = entries.get(`${classId} ${runId}`)
      if (entry) write(classId, entry.health)
      // On the same connection, so never before it. Of a run without a part it is the first field, and nobody else's.
      const { health } = keysOf(classId)
      const closed = redis.multi().hset(health, toClosedName(runId, closingId, originId), 1)
      keep(closed.pexpire(health, HEALTH_EXPIRES_MS).exec())
    },
    forget(classId, runId) {
      const key = `${classId} ${runId}`
      const timer = entries.get(key)?.timer
      if (timer) clearTimeout(timer)
      entries.delete(key)
    },
    async close() {
      for (const { timer } of entries.values()) if (timer) clearTimeout(timer)
      entries.clear()
      await Promise.all(writes)
    },
  }
}
