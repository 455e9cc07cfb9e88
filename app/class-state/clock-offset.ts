/** One question of `clock`: t0, t3 by this machine's clock, t1, t2 by the server's; ms. */
export type ClockAnswer = { t0: number; t1: number; t2: number; t3: number }
export type ClockSample = { offsetMs: number; roundTripMs: number }

/** Enough to hold one undisturbed round trip, few enough to follow a clock that drifts. */
const SAMPLES_KEPT = 8

export function toClockSample({ t0, t1, t2, t3 }: ClockAnswer): ClockSample {
  return { offsetMs: (t1 - t0 + (t2 - t3)) / 2, roundTripMs: t3 - t0 - (t2 - t1) }
}

export function withSample(samples: readonly ClockSample[], sample: ClockSample): ClockSample[] {
  return [...samples, sample].slice(-SAMPLES_KEPT)
}

/** Server time minus this machine's time. The quickest round trip was delayed least on either way (RFC 5905). */
export function offsetOf(samples: readonly ClockSample[]): number | null {
  let best: ClockSample | null = null
  for (const sample of samples) if (!best || sample.roundTripMs < best.roundTripMs) best = sample
  return best?.offsetMs ?? null
}
