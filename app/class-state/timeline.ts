/**
 * What holds from which moment (server time, ms) on, oldest first: whoever watches with a delay sees the value that
 * held at *their* picture's moment, also after a pause or a jump.
 */
export type Timeline<Value> = readonly { at: number; value: Value }[]

/** A player does not go back further than its buffer: an hour of lively captions or screens is far more than that. */
const ENTRIES_KEPT = 200

export function withEntry<Value>(timeline: Timeline<Value>, at: number, value: Value): Timeline<Value> {
  return [...timeline, { at, value }].slice(-ENTRIES_KEPT)
}

/** `null`: nothing held yet at that moment. */
export function valueAt<Value>(timeline: Timeline<Value>, moment: number): Value | null {
  for (let i = timeline.length - 1; i >= 0; i--) {
    const entry = timeline[i]
    if (entry && entry.at <= moment) return entry.value
  }
  return null
}

/** When the value after `moment` begins to hold; `null` if none is known yet. */
export function nextChangeAfter<Value>(timeline: Timeline<Value>, moment: number): number | null {
  for (const entry of timeline) if (entry.at > moment) return entry.at
  return null
}
