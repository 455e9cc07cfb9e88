import { type Delivery, decideDelivery, firstDelivery } from './delivery'
import type { Engine } from './engine'
import { decideStep } from './following'
import { evolveTarget, firstTarget, isOutage, type LatencyTarget, toNeededSeconds } from './latency-target'

export type Steering = {
  /** A few times a second. Null: not known where live is. */
  steer(look: { at: number; standing: boolean; following: boolean }): { targetSeconds: number } | null
  jumpToLive(at: number): void
  /** Near enough to live that a pause or a jump goes on as live. */
  isNearLive(): boolean
}

/** Going on that near to the target is following, not watching again. */
const NEAR_LIVE_SECONDS = 3
/** After a jump the data comes in one after the other: how late it is says nothing about the network yet. */
const SETTLE_MS = 2_000

/** Keeps one element at its distance from live, by its rate and, when far off, by a jump. */
export function createSteering(video: HTMLVideoElement, engine: Engine, startedAt: number): Steering {
  let target: LatencyTarget | null = null
  let delivery: Delivery = firstDelivery(startedAt)
  let jumpedAt = startedAt
  let disturbedAt = startedAt

  const setRate = (rate: number) => {
    if (video.playbackRate !== rate) video.playbackRate = rate
  }

  function jumpToLive(at: number): void {
    const position = engine.positionBehindLive(target?.seconds ?? engine.latency()?.leastSeconds ?? 0)
    if (position === null) return
    jumpedAt = at
    disturbedAt = at
    if (target) target = { ...target, standingSince: null }
    setRate(1)
    video.currentTime = position
  }

  function chooseDelivery(at: number, now: LatencyTarget): void {
    const neededSeconds = toNeededSeconds(now)
    const next = decideDelivery(delivery, { at, neededSeconds, roundTripMs: engine.roundTripMs() })
    if (next.by !== delivery.by) {
      engine.loadBy(next.by)
      // Debts of the one say nothing about the other.
      target = { ...now, slots: [] }
      disturbedAt = at
    }
    delivery = next
  }

  return {
    jumpToLive,
    steer({ at, standing, following }) {
      const latency = engine.latency()
      if (!latency) {
        setRate(1)
        return null
      }
      const { seconds: latencySeconds, leastSeconds, fresh } = latency
      target ??= firstTarget(leastSeconds, at)
      if (!following || video.paused || video.seeking) {
        setRate(1)
        return { targetSeconds: target.seconds }
      }
      const aheadSeconds = aheadOf(video)
      // What stood for long is brought to live before anything is learnt from it.
      const outage = isOutage(target, at)
      if (at - disturbedAt > SETTLE_MS && !outage) {
        target = evolveTarget(target, { at, latencySeconds, aheadSeconds, leastSeconds, standing, fresh })
        chooseDelivery(at, target)
      }
      const step = decideStep({
        latencySeconds,
        targetSeconds: target.seconds,
        aheadSeconds,
        standing: standing || outage,
        fresh,
        sinceJumpMs: at - jumpedAt,
        rate: video.playbackRate,
      })
      if (step.kind === 'jump') jumpToLive(at)
      else setRate(step.rate)
      if (outage && !standing) target = { ...target, standingSince: null, at }
      return { targetSeconds: target.seconds }
    },
    isNearLive() {
      const latency = engine.latency()
      if (!latency) return false
      return latency.seconds - (target?.seconds ?? latency.leastSeconds) < NEAR_LIVE_SECONDS
    },
  }
}

/** Seconds that play on without the network. */
export function aheadOf(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video
  for (let i = 0; i < buffered.length; i++) {
    // A hair of a gap before the range is skipped by the player itself.
    const reached = buffered.start(i) - 0.1 <= currentTime && currentTime < buffered.end(i)
    if (reached) return buffered.end(i) - currentTime
  }
  return 0
}
