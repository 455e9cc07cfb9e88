/**
 * How far behind the newest part the player stays. The debt of a moment is how late the data is by then: latency
 * minus what is in the buffer. Who stays further behind than the greatest debt of late never runs dry, so the target
 * follows the greatest debt at once and comes down slowly when the network is calm.
 */
export type LatencyTarget = {
  seconds: number
  /** The greatest debt of each slot of time, newest last. */
  slots: readonly { from: number; debtSeconds: number }[]
  /** Debts since the picture stands: an outage must not be taken for a slow network. */
  standing: { since: number; debtSeconds: number } | null
  at: number
}

export type LatencySample = {
  /** Steady clock, ms. */
  at: number
  latencySeconds: number
  aheadSeconds: number
  /** The nearest to live that the playlist allows. */
  leastSeconds: number
  /** The picture stands still for want of data. */
  standing: boolean
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

export const firstTarget = (leastSeconds: number, at: number): LatencyTarget => ({
  seconds: leastSeconds,
  slots: [],
  standing: null,
  at,
})

export function evolveTarget(target: LatencyTarget, sample: LatencySample): LatencyTarget {
  const debtSeconds = Math.max(0, sample.latencySeconds - sample.aheadSeconds)
  if (sample.standing) {
    const since = target.standing?.since ?? sample.at
    return { ...target, standing: { since, debtSeconds }, at: sample.at }
  }
  const { standing } = target
  const counted = standing && sample.at - standing.since < OUTAGE_MS ? standing.debtSeconds : 0
  const slots = withDebt(target.slots, sample.at, Math.max(counted, debtSeconds))
  const worst = Math.max(...slots.map((slot) => slot.debtSeconds))
  const needed = Math.min(LONGEST_TARGET_SECONDS, Math.max(sample.leastSeconds, worst + MARGIN_SECONDS))
  const calmer = target.seconds - (SHRINK_PER_SECOND * (sample.at - target.at)) / 1_000
  return { seconds: Math.max(needed, calmer), slots, standing: null, at: sample.at }
}

function withDebt(slots: LatencyTarget['slots'], at: number, debtSeconds: number): LatencyTarget['slots'] {
  const newest = slots.at(-1)
  if (!newest || at - newest.from >= SLOT_MS) return [...slots.slice(-1), { from: at, debtSeconds }]
  return [...slots.slice(0, -1), { ...newest, debtSeconds: Math.max(newest.debtSeconds, debtSeconds) }]
}
