/** When the first byte of an answer came and when the last, ms, and how many there were. */
export type Arrival = { first: number; end: number; bytes: number }

/** As much came before the clock of the first byte was read. */
const PACKET_BYTES = 1_448
/** What came in one packet says nothing about the link. */
const LEAST_BYTES = 3 * PACKET_BYTES
/** A few seconds of parts. */
const ARRIVALS_KEPT = 20

/**
 * How fast answers come once they come. hls.js counts 50 ms at least for each: the parts of a low rendition are so
 * small that no link looks good enough for the next one.
 */
export function withArrival(arrivals: readonly Arrival[], arrival: Arrival): Arrival[] {
  if (arrival.bytes < LEAST_BYTES) return [...arrivals]
  return [...arrivals, arrival].slice(-ARRIVALS_KEPT)
}

/** Null before enough has come. */
export function toBitsPerSecond(arrivals: readonly Arrival[]): number | null {
  if (arrivals.length < ARRIVALS_KEPT / 2) return null
  let bytes = 0
  let ms = 0
  for (const arrival of arrivals) {
    bytes += arrival.bytes - PACKET_BYTES
    ms += Math.max(1, arrival.end - arrival.first)
  }
  return (bytes * 8_000) / ms
}

/** Of so many the one in the middle: an outage delays one answer, or two. */
const RECENT = 5

/**
 * What the link gives now, by the last few answers; null before there are any. hls.js's own mean, after minutes on a
 * fast link, takes half a minute to believe in a slow one.
 */
export function toRecentBitsPerSecond(arrivals: readonly Arrival[]): number | null {
  const rates = arrivals
    .slice(-RECENT)
    .map(({ first, end, bytes }) => ((bytes - PACKET_BYTES) * 8_000) / Math.max(1, end - first))
    .sort((a, b) => a - b)
  return rates.length < RECENT ? null : (rates[Math.floor(RECENT / 2)] ?? null)
}

/** An answer that is still coming, as it was at a moment of the same clock. */
export type Coming = { answer: object; bytes: number; at: number }

/** What the link gives, from one look at what is coming to the next; null where nothing came: an outage. */
export function toFlow(before: Coming, now: Coming, arrivals: readonly Arrival[]): number | null {
  if (before.answer !== now.answer) return toRecentBitsPerSecond(arrivals)
  const bytes = now.bytes - before.bytes
  return bytes > 0 ? (bytes * 8_000) / Math.max(1, now.at - before.at) : null
}
