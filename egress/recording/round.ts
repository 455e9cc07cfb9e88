import { readdir } from 'node:fs/promises'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { createLoop } from '../../server/loop'
import { keysOf } from '../../server/redis/names'
import { type BroadcastPlan, parsePlan } from '../plan'

type Options = { redis: Redis; broadcastDir: string; logger: Logger; lookMs: number; stop: AbortSignal }

export type Round = { close(): Promise<void> }

/**
 * Looks at every class on this disk that has ended, again and again, one after another. A class that fails is told and
 * keeps no other from its turn; one that takes long keeps all others of this round waiting.
 */
export function createRound(
  { redis, broadcastDir, logger, lookMs, stop }: Options,
  lookAt: (plan: BroadcastPlan, logger: Logger) => Promise<void>,
): Round {
  let looking: Promise<void> = Promise.resolve()
  const loop = createLoop(() => {
    looking = lookAtAll().catch((error: unknown) => {
      if (!stop.aborted) logger.warn({ err: error }, 'recordings cannot be looked after')
    })
    return looking.then(() => lookMs)
  })

  async function lookAtAll(): Promise<void> {
    for (const entry of await readdir(broadcastDir, { withFileTypes: true })) {
      if (stop.aborted) return
      if (entry.isDirectory()) await lookSafely(entry.name)
    }
  }

  async function lookSafely(classId: string): Promise<void> {
    try {
      const text = await redis.get(keysOf(classId).plan)
      const plan = text === null ? null : parsePlan(classId, text)
      // Without a plan nobody knows whose it is: Redis may have lost it, and gets it back when somebody asks.
      if (plan?.ended) await lookAt(plan, logger.child({ classId }))
    } catch (error) {
      if (stop.aborted) return
      logger.warn({ err: error, classId }, 'what a class has left cannot be looked after')
    }
  }

  loop.lookIn(0)
  return {
    async close() {
      loop.stop()
      await looking
    },
  }
}
