import { z } from 'zod'
import type { BroadcastRun, RunEnd } from '../../server/classroom/state'
import { SHORTEST_SEGMENT_MS } from './pacing'

/** What origins say of a run (`amphi:{C}:health`). All times are server time, ms. */
const runHealth = z.object({
  runId: z.string(),
  /** Segments begun. */
  segments: z.number().int().nonnegative(),
  /** Parts listed of the last one. */
  parts: z.number().int().nonnegative(),
  lastPdt: z.number(),
  /** When the newest part was seen. */
  seenAt: z.number(),
  firstPartAt: z.number().optional(),
})
export type RunHealth = z.infer<typeof runHealth>

export function parseHealth(text: string | null): RunHealth | null {
  if (text === null) return null
  try {
    return runHealth.parse(JSON.parse(text))
  } catch {
    return null
  }
}

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
