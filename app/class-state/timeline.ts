/**
 * What holds from which moment (server time, ms) on, oldest first: whoever watches with a delay sees the value that
 * held at *their* picture's moment, also after a pause or a jump.
 */
export type Timeline<Value> = readonly { at: number; value: Value }[]

/** A player goes back over the whole class: an hour of captions, three a second, is about as much. */
const ENTRIES_KEPT = 10_000

export function withEntry<Value>(timeline: Timeline<Value>, at: number, value: Value): Timeline<Value> {
  return [...timeline, { at, value }].slice(-ENTRIES_KEPT)
}

/** `null`: nothing held yet at that moment. */
export function valueAt<Value>(timeline: Timeline<Value>, moment: number): Value | null {
  // In the order of `at`, and asked ten times a second: the last entry that is not later, by halves.
  let low = 0
  let high = timeline.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timeline[middle]?.at ?? 0) <= moment) low = middle + 1
    else high = middle
  }
  return timeline[low - 1]?.value ?? null
}
