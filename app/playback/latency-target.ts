/**
 * How far behind the newest part the player stays. The debt of a moment is how late the data is by then: latency
 * minus what is in the buffer. Who stays further behind than the greatest debt of late never runs dry, so the target
 * follows the greatest debt at once and comes down slowly when the network is calm.
 */
export type LatencyTarget = {
  seconds: number
  /** The greatest debt of each slot of time, newest last. */
  slots: readonly { from: number; debtSeconds: number }[]
  /** Since when the picture stands for want of data, ms; null: it moves. */
  standingSince: number | null
  at: number
}

export type LatencySample = {
  /** Steady clock, ms. */
  at: number
  latencySeconds: number
  aheadSeconds: number
  /** The nearest to live that the playlist allows. */
  leastSeconds: number
  standing: boolean
  /**
   * The playlist is of this moment. An overdue one may be the network's doing or that of a broadcast that is being
   * started anew; the next one tells: only the network's comes with much that is new.
   */
  fresh: boolean
}

/** Further behind, people answer questions that are over. */
export const LONGEST_TARGET_SECONDS = 8
/** Between the worst that was seen and an empty buffer: a part and a half. */
const MARGIN_SECONDS = 0.35
/** Two slots are looked at: what happened 6 to 12 s ago still counts. */
const SLOT_MS = 6_000
/** 8 s come down to 1.2 s in 50 s of calm. */
const SHRINK_PER_SECOND = 0.14
/** Nothing for so long is an outage: staying further behind would not have helped. */
const OUTAGE_MS = 2_500

export const firstTarget = (seconds: number, at: number): LatencyTarget => {
  return { seconds, slots: [], standingSince: null, at }
}

/** What the network of late takes; 0: nothing is known of it. */
export function toNeededSeconds({ slots }: LatencyTarget): number {
  return slots.length > 0 ? Math.max(...slots.map(({ debtSeconds }) => debtSeconds)) + MARGIN_SECONDS : 0
}

export function isOutage({ standingSince }: LatencyTarget, at: number): boolean {
  return standingSince !== null && at - standingSince >= OUTAGE_MS
}

export function evolveTarget(target: LatencyTarget, sample: LatencySample): LatencyTarget {
  const { at, standing, fresh, leastSeconds } = sample
  const since = target.standingSince ?? at
  const standingSince = standing ? since : null
  if (!fresh || isOutage(target, at)) return { ...target, standingSince, at }
  const debtSeconds = Math.max(0, sample.latencySeconds - sample.aheadSeconds)
  const slots = withDebt(target.slots, at, debtSeconds)
  const needed = Math.max(leastSeconds, toNeededSeconds({ ...target, slots }))
  const calmer = target.seconds - (SHRINK_PER_SECOND * (at - target.at)) / 1_000
  return { seconds: Math.min(LONGEST_TARGET_SECONDS, Math.max(needed, calmer)), slots, standingSince, at }
}

function withDebt(slots: LatencyTarget['slots'], at: number, debtSeconds: number): LatencyTarget['slots'] {
  const newest = slots.at(-1)
  if (!newest || at - newest.from >= SLOT_MS) return [...slots.slice(-1), { from: at, debtSeconds }]
  return [...slots.slice(0, -1), { ...newest, debtSeconds: Math.max(newest.debtSeconds, debtSeconds) }]
}
