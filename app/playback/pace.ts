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
