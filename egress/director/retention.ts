import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Envelope } from '../../server/classroom/commands'
import { createLoop } from '../../server/loop'
import { overRecordingsKey } from '../../server/redis/names'

type Dependencies = {
  redis: Redis
  submit(classId: string, envelope: Envelope): Promise<{ ok: boolean }>
  logger: Logger
  lookMs?: number
}

/** The files are gone already: that the log says so is in no hurry. */
const LOOK_MS = 30_000

/** Puts into the log what the keepers of the files have deleted because its time was over. */
export function createRetention({ redis, submit, logger, lookMs = LOOK_MS }: Dependencies) {
  const loop = createLoop(() => look().then(() => lookMs))

  async function look(): Promise<void> {
    try {
      // Whoever else tells of the same at the same time changes nothing: it is taken away only when the log has it.
      for (const classId of await redis.smembers(overRecordingsKey)) {
        const command = { name: 'recording:delete', reason: 'kept' } as const
        const id = crypto.randomUUID()
        const outcome = await submit(classId, { id, by: { kind: 'system' }, command })
        if (outcome.ok) await redis.srem(overRecordingsKey, classId)
      }
    } catch (error) {
      logger.debug({ err: error }, 'Redis is away; deletions are told later')
    }
  }

  loop.lookIn(0)
  return { stop: () => loop.stop() }
}
