import type { Redis } from 'ioredis'
import { toPlan } from '../../egress/director/plan'
import { isOver } from '../../egress/plan'
import { parseRecordingState } from '../../egress/recording-state'
import { hasRecording } from '../classroom/recording'
import type { ClassState } from '../classroom/state'
import type { FollowedClass } from '../log/class-logs'
import type { Tokens } from '../people/tokens'
import { keysOf } from '../redis/names'

export type RecordingReport =
  /** `on`: the class goes on and is being recorded. `waiting`: nobody has begun to make the file yet. */
  | { state: 'none' | 'on' | 'waiting' | 'deleted' | 'failed' }
  | { state: 'making'; share: number }
  | { state: 'ready'; bytes: number; seconds: number; downloadUrl: string }

export type Recordings = {
  /** `personId`: whom the link to the file is made for. */
  report(state: ClassState, personId: string): Promise<RecordingReport>
  /** Until when the replay of an ended class is there, server time, ms; null: it is not (any more, or not yet). */
  findReplay(state: ClassState): { keepUntil: number } | null
  /** The class has ended, its broadcast is being wound up. */
  isPreparing(state: ClassState): boolean
  /** The origins find the class again if Redis has lost it. */
  remind(followed: FollowedClass): Promise<void>
}

type Dependencies = {
  redis: Redis
  tokens: Pick<Tokens, 'signDownload'>
  originPublicUrl: string
  retentionDays: number
  /** Writes the plan of the class for the origins. */
  writePlan(followed: FollowedClass): Promise<void>
  now(): number
}

export function createRecordings(deps: Dependencies): Recordings {
  const { redis, tokens, originPublicUrl, retentionDays, writePlan, now } = deps

  const isPreparing = (state: ClassState) =>
    state.phase === 'ended' && hasRecording(state) && state.broadcast.state !== 'off'

  function findReplay(state: ClassState): { keepUntil: number } | null {
    if (state.phase !== 'ended' || !hasRecording(state) || isPreparing(state)) return null
    const plan = toPlan(state, retentionDays)
    return isOver({ ...plan, ended: true }, now()) ? null : { keepUntil: plan.keepUntil ?? 0 }
  }

  return {
    findReplay,
    isPreparing,
    async report(state, personId) {
      const { classId, phase, recording } = state
      if (recording.deletedAt !== undefined) return { state: 'deleted' }
      if (phase !== 'ended') return { state: recording.spans.length > 0 ? 'on' : 'none' }
      if (isPreparing(state)) return { state: 'waiting' }
      if (!findReplay(state)) return { state: hasRecording(state) ? 'deleted' : 'none' }
      const made = parseRecordingState(await redis.get(keysOf(classId).recording))
      switch (made?.state) {
        case undefined:
          return { state: 'waiting' }
        case 'empty':
          return { state: 'none' }
        case 'failed':
          return { state: 'failed' }
        case 'making':
          return { state: 'making', share: made.share }
        case 'ready': {
          const token = tokens.signDownload({ cls: classId, sub: personId })
          const downloadUrl = `${originPublicUrl}/download/${token}/recording.mp4`
          return { state: 'ready', bytes: made.bytes, seconds: made.seconds, downloadUrl }
        }
      }
    },
    async remind(followed) {
      if (await redis.exists(keysOf(followed.classId).plan)) return
      await writePlan(followed)
    },
  }
}
