import type { RecordedSpan } from '../server/classroom/state'

/** What engines aim at: how long a segment is taken to be where no journal says when the next one began. */
export const NOMINAL_SEGMENT_MS = 2_000

/** A span shorter than a clock's error is none. */
const ROUNDING_MS = 1

/**
 * Whether all of `durationMs` from server time `startMs` was recorded: what began before the recording was switched on,
 * or ended after it was switched off, is not part of it.
 */
export function isRecorded(spans: readonly RecordedSpan[], startMs: number, durationMs: number): boolean {
  const endMs = startMs + durationMs - ROUNDING_MS
  return spans.some(({ from, to }) => from <= startMs + ROUNDING_MS && (to === undefined || endMs <= to))
}
