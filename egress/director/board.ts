import type { Redis } from 'ioredis'
import type { Bus } from '../../server/redis/bus'
import { keysOf } from '../../server/redis/names'
import { countPatterns } from '../../server/redis/publish'
import { parseHealth, type RunHealth, toClosedName } from '../run-health'

/** Where director and origins meet in Redis: the plan goes out, the health of runs comes in. */
export type Board = {
  /**
   * Plans of an older leader never replace newer ones: `head` is where in the log this one was made. How many origins
   * were told of it; in a cluster, those on the node of the class.
   */
  writePlan(classId: string, plan: string, head: { epoch: number; seq: number }): Promise<number>
  readHealth(classId: string, runId: string): Promise<RunHealth | null>
  /** Resolves when so many origins have said that they list nothing more of the run, or after `timeoutMs`. */
  untilClosed(
    classId: string,
    closing: { runId: string; closingId: string },
    origins: number,
    timeoutMs: number,
  ): Promise<void>
  /** Whether any origin may be there: they alone subscribe to a pattern (the plans of all classes). */
  hasOrigin(): Promise<boolean>
  /** Hints that the health of a class changed, until `unwatch`. They may be lost: look on a timer too. */
  watch(classId: string, onHint: () => void): void
  unwatch(classId: string): void
}

/** KEYS: plan, its head. ARGV: plan, epoch, seq. The plan's key is its channel too. */
const WRITE_PLAN = `
local epoch, seq = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+) (%d+)$')
local newEpoch, newSeq = tonumber(ARGV[2]), tonumber(ARGV[3])
if epoch then
  epoch, seq = tonumber(epoch), tonumber(seq)
  if newEpoch < epoch or (newEpoch == epoch and newSeq < seq) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2] .. ' ' .. ARGV[3])
return redis.call('PUBLISH', KEYS[1], ARGV[1])
`

/** Origins answer within a millisecond or two. */
const CLOSED_POLL_MS = 5

async function waitUntil(holds: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds()) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, CLOSED_POLL_MS))
  }
}

export function createBoard(redis: Redis, bus: Bus): Board {
  const watched = new Map<string, Promise<() => void>>()
  return {
    async writePlan(classId, plan, { epoch, seq }) {
      const keys = keysOf(classId)
      return Number(await redis.eval(WRITE_PLAN, 2, keys.plan, keys.planHead, plan, epoch, seq))
    },
    async readHealth(classId, runId) {
      return parseHealth(await redis.hget(keysOf(classId).health, runId))
    },
    async untilClosed(classId, { runId, closingId }, origins, timeoutMs) {
      const field = toClosedName(runId, closingId, '')
      await waitUntil(async () => {
        const fields = await redis.hkeys(keysOf(classId).health)
        return fields.filter((name) => name.startsWith(field)).length >= origins
      }, timeoutMs)
    },
    async hasOrigin() {
      return (await countPatterns(redis)) > 0
    },
    watch(classId, onHint) {
      if (!watched.has(classId)) watched.set(classId, bus.listen(keysOf(classId).health, onHint))
    },
    unwatch(classId) {
      void watched.get(classId)?.then((stop) => stop())
      watched.delete(classId)
    },
  }
}
