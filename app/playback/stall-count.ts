import type { PlayerPhase } from './player-state'

/** A picture of a shared page stands for as long between two of its frames: nobody sees a shorter wait. */
const SEEN_MS = 200

/** How often the broadcast stood still for want of data, as a viewer would count it. */
export type StallCount = {
  /** Of each change; `at`: steady clock, ms. */
  look(phase: PlayerPhase, at: number): void
  /** Since this was asked last, with the one that goes on now. */
  take(at: number): number
}

export function createStallCount(): StallCount {
  let count = 0
  let since: number | null = null
  const lasts = (at: number) => since !== null && at - since >= SEEN_MS
  return {
    look(phase, at) {
      if (phase === 'stalled' || phase === 'recovering') {
        since ??= at
        return
      }
      if (lasts(at)) count++
      since = null
    },
    take(at) {
      const taken = count + (lasts(at) ? 1 : 0)
      count = 0
      return taken
    },
  }
}
