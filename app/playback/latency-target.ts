/**
 * How far behind the newest part the player stays. The debt of a moment is how late the data is by then: latency
 * minus what is in the buffer. Who stays further behind than the greatest debt of late never runs dry, so the target
 * follows the greatest debt at once and comes down slowly when the network is calm.
 */
export type LatencyTarget = {
  seconds: number
  /** The greatest debt of each slot of time, newest last. */
  slots: readonly { from: number; debtSeconds: number }[]
  at: number
}

export type LatencySample = {
  /** Steady clock, ms. */
  at: number
  latencySeconds: number
  aheadSeconds: number
  /** The nearest to live that the playlist allows. */
  leastSeconds: number
}

/** Further behind, people answer questions that are over. */
export const LONGEST_TARGET_SECONDS = 8
/** Between the worst that was seen and an empty buffer: a part and a half. */
const MARGIN_SECONDS = 0.35
/** Two slots are looked at: what happened 6 to 12 s ago still counts. */
const SLOT_MS = 6_000
/** 8 s come down to 1.2 s in 50 s of calm. */
const SHRINK_PER_SECOND = 0.14
export const firstTarget = (seconds: number, at: number): LatencyTarget => {
  return { seconds, slots: [], at }
}

/** What the network of late takes; 0: nothing is known of it. */
export function toNeededSeconds({ slots }: LatencyTarget): number {
  return slots.length > 0 ? Math.max(...slots.map(({ debtSeconds }) => debtSeconds)) + MARGIN_SECONDS : 0
}

export function evolveTarget(target: LatencyTarget, sample: LatencySample): LatencyTarget {
  const { at, leastSeconds } = sample
  const debtSeconds = Math.max(0, sample.latencySeconds - sample.aheadSeconds)
  const slots = withDebt(target.slots, at, debtSeconds)
  const needed = Math.max(leastSeconds, toNeededSeconds({ ...target, slots }))
  const calmer = target.seconds - (SHRINK_PER_SECOND * (at - target.at)) / 1_000
  return { seconds: Math.min(LONGEST_TARGET_SECONDS, Math.max(needed, calmer)), slots, at }
}

function withDebt(slots: LatencyTarget['slots'], at: number, debtSeconds: number): LatencyTarget['slots'] {
  const newest = slots.at(-1)
  if (!newest || at - newest.from >= SLOT_MS) return [...slots.slice(-1), { from: at, debtSeconds }]
  return [...slots.slice(0, -1), { ...newest, debtSeconds: Math.max(newest.debtSeconds, debtSeconds) }]
}
