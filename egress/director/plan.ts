import { toTitle } from '../../server/classroom/chapters'
import { isWoundUp } from '../../server/classroom/lifecycle'
import { hasRecording } from '../../server/classroom/recording'
import type { ClassState, RecordedSpan } from '../../server/classroom/state'
import type { BroadcastPlan } from '../plan'

/** A pure function of the log. Runs that never produced anything are left out. */
export function toPlan(state: ClassState, retentionDays: number): BroadcastPlan {
  const { runs } = state.broadcast
  const chapters = state.chapters.flatMap((chapter) => {
    const title = toTitle(state, chapter)
    return title === '' ? [] : [{ at: chapter.at, title }]
  })
  return {
    classId: state.classId,
    ended: isWoundUp(state),
    recorded: state.recording.spans.length > 0,
    recording: state.recording.spans.map((span) => toPlannedSpan(span, state.endedAt)),
    ...(state.broadcast.standby && { standby: { runId: state.broadcast.standby.runId } }),
    ...(chapters.length > 0 && { chapters }),
    ...(state.phase === 'ended' && toLifetime(state, retentionDays)),
    runs: runs
      .filter((run) => run.end?.segments !== 0)
      .map(({ runId, base, skip, end }) => ({
        runId,
        base,
        ...(skip && { skip }),
        ...(end && { end: { segments: end.segments, lastParts: end.lastParts } }),
      })),
  }
}

/** The end of a class cuts nobody off: its last segment is part of the recording. */
const TAIL_MS = 5_000

function toPlannedSpan({ from, to }: RecordedSpan, endedAt: number | undefined) {
  if (to === undefined) return { from }
  return { from, to: to === endedAt ? to + TAIL_MS : to }
}

/** Viewers a bad link behind are still to see the end of the class; and a page that asks late finds a plan at least. */
export const TRIM_AFTER_MS = 5 * 60_000
const DAY_MS = 24 * 3_600_000
/** Kept until somebody deletes it: the last moment that JavaScript can name. */
const FOR_EVER = 8.64e15

/** When what is left of an ended class goes. A deleted recording is gone at once. */
function toLifetime(state: ClassState, retentionDays: number): Pick<BroadcastPlan, 'trimAt' | 'keepUntil'> {
  const endedAt = state.endedAt ?? state.at
  const trimAt = endedAt + TRIM_AFTER_MS
  const { deletedAt } = state.recording
  if (deletedAt !== undefined) return { trimAt: Math.min(trimAt, deletedAt), keepUntil: deletedAt }
  if (!hasRecording(state)) return { trimAt, keepUntil: trimAt }
  return { trimAt, keepUntil: retentionDays === 0 ? FOR_EVER : endedAt + retentionDays * DAY_MS }
}
