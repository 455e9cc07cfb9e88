/** What a viewer who follows live needs next, a few times a second. */
export type Situation = {
  latencySeconds: number
  targetSeconds: number
  /** The nearest to live that the playlist allows. */
  leastSeconds: number
  aheadSeconds: number
  /** The picture stands still for want of data. */
  standing: boolean
  /** Where live is was heard just now: there is something to jump to. */
  fresh: boolean
  sinceJumpMs: number
  /** This standstill was ended once already. */
  woken: boolean
  rate: number
}
/** `wake`: there is enough to go on, whatever the browser waits for. */
export type Step = { kind: 'rate'; rate: number } | { kind: 'jump' } | { kind: 'wake' }

/** Faster than this, speech sounds hurried; 3 s are caught up in less than a minute. */
const FASTEST = 1.1
const SLOWEST = 0.95
/** Within this of the target nobody gains anything by moving on. */
const NEAR_SECONDS = 0.25
/** Once under way, it goes on until it is there. */
const THERE_SECONDS = 0.05
/** Played faster only with something in reserve. */
const RESERVE_SECONDS = 0.5
/** Catching up more than this takes longer than people like to be late. */
const FAR_SECONDS = 4
/** A picture that stands anyway jumps sooner; below this nothing need be missed: half a minute catches it up. */
const FAR_WHEN_STANDING_SECONDS = 2.5
/** To go on with: two parts, of which the first has come late. Far more than a browser takes after a jump. */
const ENOUGH_SECONDS = 0.45
/** A jump loads anew: it gets the time to show whether it helped. */
const JUMP_PAUSE_MS = 5_000

export function decideStep(situation: Situation): Step {
  const { latencySeconds, targetSeconds, leastSeconds, aheadSeconds, standing, fresh, sinceJumpMs, rate } =
    situation
  const late = latencySeconds - targetSeconds
  // With something to play it stands for another reason, which is the watchdog's.
  const dry = standing && aheadSeconds < RESERVE_SECONDS
  const far = dry ? FAR_WHEN_STANDING_SECONDS : FAR_SECONDS
  if (fresh && late > far && sinceJumpMs >= JUMP_PAUSE_MS) return { kind: 'jump' }
  // A network that takes more would soon leave it dry again.
  const enough = Math.max(ENOUGH_SECONDS, targetSeconds - leastSeconds)
  if (fresh && standing && aheadSeconds >= enough && !situation.woken) return { kind: 'wake' }
  const near = rate === 1 ? NEAR_SECONDS : THERE_SECONDS
  if (late > near && aheadSeconds > RESERVE_SECONDS) return { kind: 'rate', rate: toRate(1.02 + late * 0.04) }
  if (late < -near && rate <= 1) return { kind: 'rate', rate: toRate(1 + late * 0.05) }
  return { kind: 'rate', rate: 1 }
}

/** In steps, so that the element is not told another rate four times a second. */
function toRate(rate: number): number {
  return Math.round(Math.min(FASTEST, Math.max(SLOWEST, rate)) * 100) / 100
}
