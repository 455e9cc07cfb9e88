import { type Delivery, decideDelivery, firstDelivery } from './delivery'
import type { Engine } from './engine'
import { decideStep } from './following'
import { evolveTarget, firstTarget, type LatencyTarget, toNeededSeconds } from './latency-target'

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
/**
 * Overdue for longer than this, it was an outage, or a broadcast that was started anew: neither says what the network
 * takes, and staying further behind would not have helped.
 */
const OUTAGE_MS = 1_500
/** A better picture is tried after so much calm, a step at a time. */
const CALM_MS = 10_000
/** That near to the nearest there is, the network is calm. */
const CALM_WITHIN_SECONDS = 0.6
/** A picture that stood for so long, with short moves between, may ask too much of the network. */
const STARVED_MS = 1_000
/** What was missed comes in first. */
const AFTER_OUTAGE_MS = 4_000

/** Keeps one element at its distance from live, by its rate and, when far off, by a jump. */
export function createSteering(video: HTMLVideoElement, engine: Engine, startedAt: number): Steering {
  let target: LatencyTarget | null = null
  let delivery: Delivery = firstDelivery(startedAt)
  let jumpedAt = startedAt
  /** Until then nothing is learnt about the network. */
  let unsettledUntil = startedAt + SETTLE_MS
  let overdueSince: number | null = null
  let calmSince = startedAt
  /** How long it stood, less how long it moved since. */
  let starvedMs = 0
  let steeredAt = startedAt
  let woken = false

  const setRate = (rate: number) => {
    if (video.playbackRate !== rate) video.playbackRate = rate
  }

  function jumpToLive(at: number): void {
    const position = engine.positionBehindLive(target?.seconds ?? engine.latency()?.leastSeconds ?? 0)
    if (position === null) return
    jumpedAt = at
    unsettledUntil = Math.max(unsettledUntil, at + SETTLE_MS)
    setRate(1)
    video.currentTime = position
  }

  /**
   * Chromium lets an element that ran dry go on when twice as much is decoded as the time before, up to 3 s, and only a
   * seek makes it forget that.
   */
  function wake(): void {
    const { currentTime } = video
    woken = true
    video.currentTime = currentTime
  }

  const overdueMsAt = (at: number) => (overdueSince === null ? 0 : at - overdueSince)

  function chooseDelivery(at: number, now: LatencyTarget): void {
    const neededSeconds = toNeededSeconds(now)
    const next = decideDelivery(delivery, { at, neededSeconds, roundTripMs: engine.roundTripMs() })
    if (next.by !== delivery.by) {
      engine.loadBy(next.by)
      // Debts of the one say nothing about the other.
      target = { ...now, slots: [] }
      unsettledUntil = Math.max(unsettledUntil, at + SETTLE_MS)
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
      if (!fresh) overdueSince ??= at
      else {
        if (overdueMsAt(at) > OUTAGE_MS) unsettledUntil = at + SETTLE_MS + AFTER_OUTAGE_MS
        overdueSince = null
      }
      if (fresh && at > unsettledUntil) {
        target = evolveTarget(target, { at, latencySeconds, aheadSeconds, leastSeconds })
        chooseDelivery(at, target)
      } else target = { ...target, at }
      if (standing || at < unsettledUntil || target.seconds > leastSeconds + CALM_WITHIN_SECONDS)
        calmSince = at
      if (at - calmSince > CALM_MS) {
        engine.climb()
        calmSince = at
      }
      starvedMs += standing ? at - steeredAt : steeredAt - at
      // Bounded: what lies before a pause or a jump is long past.
      starvedMs = Math.min(STARVED_MS, Math.max(0, starvedMs))
      steeredAt = at
      if (standing && starvedMs >= STARVED_MS) {
        engine.descend()
        starvedMs -= STARVED_MS / 2
      }
      if (!standing) woken = false
      const step = decideStep({
        latencySeconds,
        targetSeconds: target.seconds,
        leastSeconds,
        aheadSeconds,
        standing,
        fresh,
        sinceJumpMs: at - jumpedAt,
        woken,
        rate: video.playbackRate,
      })
      if (step.kind === 'jump') jumpToLive(at)
      else if (step.kind === 'wake') wake()
      else setRate(step.rate)
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
