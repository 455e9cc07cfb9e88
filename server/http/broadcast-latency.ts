import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { ClassState } from '../classroom/state'
import { keysOf } from '../redis/names'

/** What origins report of a run: when its newest part was seen, and the moment it shows. Server time, ms. */
const health = z.object({ lastPdt: z.number(), seenAt: z.number() })

export type PlaybackLatency = {
  /** From the moment before the camera to the part at the origin; what a viewer adds is the player's hold-back. */
  find(state: ClassState): Promise<number | undefined>
}

export function createPlaybackLatency(redis: Pick<Redis, 'hget'>): PlaybackLatency {
  return {
    async find({ classId, broadcast }) {
      const run = broadcast.runs.at(-1)
      if (broadcast.state !== 'on' || !run) return undefined
      const raw = await redis.hget(keysOf(classId).health, run.runId)
      const read = raw === null ? undefined : health.safeParse(JSON.parse(raw))
      return read?.success ? Math.max(0, Math.round(read.data.seenAt - read.data.lastPdt)) : undefined
    },
  }
}
