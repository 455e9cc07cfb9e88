import type { Redis } from 'ioredis'
import { parseHealth } from '../../egress/run-health'
import type { ClassState } from '../classroom/state'
import { keysOf } from '../redis/names'

export type PlaybackLatency = {
  /** From the moment before the camera to the part at the origin; what a viewer adds is the player's hold-back. */
  find(state: ClassState): Promise<number | undefined>
}

export function createPlaybackLatency(redis: Pick<Redis, 'hget'>): PlaybackLatency {
  return {
    async find({ classId, broadcast }) {
      const run = broadcast.runs.at(-1)
      if (broadcast.state !== 'on' || !run) return undefined
      const health = parseHealth(await redis.hget(keysOf(classId).health, run.runId))
      return health ? Math.max(0, Math.round(health.seenAt - health.lastPdt)) : undefined
    },
  }
}
