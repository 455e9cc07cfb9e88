import type { Redis } from 'ioredis'
import { parseHealth, type RunHealth } from './health'

/** Where director and origins meet in Redis: the plan goes out, the health of runs comes in. */
export type Board = {
  /** Plans of an older leader never replace newer ones: `head` is where in the log this one was made. */
  writePlan(classId: string, plan: string, head: { epoch: number; seq: number }): Promise<void>
  readHealth(classId: string, runId: string): Promise<RunHealth | null>
  /** Whether any origin may be there: they alone subscribe to a pattern (the plans of all classes). */
  hasOrigin(): Promise<boolean>
  /** Hints that the health of a class changed, until `unwatch`. */
  watch(classId: string, onHint: () => void): void
  unwatch(classId: string): void
}

const planKey = (classId: string) => `amphi:{${classId}}:plan`
const planHeadKey = (classId: string) => `amphi:{${classId}}:plan:head`
const healthKey = (classId: string) => `amphi:{${classId}}:health`

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
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
`

/** `subscriber` is a connection of its own: Redis allows nothing else on one that subscribes. */
export function createBoard(redis: Redis, subscriber: Redis): Board {
  const listeners = new Map<string, () => void>()
  subscriber.on('message', (channel) => listeners.get(channel)?.())
  return {
    async writePlan(classId, plan, { epoch, seq }) {
      await redis.eval(WRITE_PLAN, 2, planKey(classId), planHeadKey(classId), plan, epoch, seq)
    },
    async readHealth(classId, runId) {
      return parseHealth(await redis.hget(healthKey(classId), runId))
    },
    async hasOrigin() {
      return Number(await redis.call('PUBSUB', 'NUMPAT')) > 0
    },
    watch(classId, onHint) {
      const channel = healthKey(classId)
      if (!listeners.has(channel)) subscriber.subscribe(channel).catch(ignoreLostHints)
      listeners.set(channel, onHint)
    },
    unwatch(classId) {
      const channel = healthKey(classId)
      if (listeners.delete(channel)) subscriber.unsubscribe(channel).catch(ignoreLostHints)
    },
  }
}

/** Health is polled as well: a hint only makes it quicker. ioredis subscribes again when it is connected again. */
function ignoreLostHints(): void {}
