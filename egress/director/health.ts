import type { BroadcastRun, RunEnd } from '../../server/classroom/state'
import type { RunHealth } from '../run-health'
import { SHORTEST_SEGMENT_MS } from './pacing'

export function hasParts(health: RunHealth | null): health is RunHealth {
  return health !== null && health.segments > 0
}

/** A dead run counts for exactly what viewers were told of it. */
export function toEnd(health: RunHealth | null): RunEnd {
  if (!hasParts(health)) return { segments: 0, lastParts: 0 }
  return { segments: health.segments, lastParts: health.parts }
}

/**
 * Of a run that was on while nobody is left who knows how far it came (no server for longer than health is kept):
 * never less than viewers have seen, so that media sequence cannot go back. What is not there is listed as a gap.
 */
export function toEstimatedEnd(run: BroadcastRun, now: number): RunEnd {
  return { segments: Math.ceil((now - run.orderedAt) / SHORTEST_SEGMENT_MS), lastParts: 0 }
}
