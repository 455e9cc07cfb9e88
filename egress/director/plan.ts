import type { ClassState } from '../../server/classroom/state'

/** What the origin is told: which runs make the timeline, and how far each counts. */
export type BroadcastPlan = {
  classId: string
  /** Nothing will be added any more. */
  ended: boolean
  recorded: boolean
  runs: PlannedRun[]
}

/** `base`: media sequence number of the run's first segment. `end`: see DESIGN of the origin's timeline. */
export type PlannedRun = { runId: string; base: number; end?: { segments: number; lastParts: number } }

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
