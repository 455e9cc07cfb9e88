import type { ClassState } from '../../server/classroom/state'
import type { BroadcastPlan } from '../plan'

/** A pure function of the log. Runs that never produced anything are left out. */
export function toPlan(state: ClassState): BroadcastPlan {
  const { runs } = state.broadcast
  return {
    classId: state.classId,
    ended: state.phase === 'ended' && state.broadcast.state === 'off',
    recorded: state.settings.recording === 'on',
    runs: runs
      .filter((run) => run.end?.segments !== 0)
      .map(({ runId, base, end }) => ({
        runId,
        base,
        ...(end && { end: { segments: end.segments, lastParts: end.lastParts } }),
      })),
  }
}
