import type { Engine } from './engine'

/** Which moment of the class is seen, over a change of what plays it too. */
export type Place = {
  /** Another engine takes over. `keep`: it has to go on at this moment, and not live or at the beginning. */
  leave(keep: boolean): void
  /** Brings a new engine to the moment that was kept, once it knows where that is. */
  restore(engine: Engine): void
  /** The picture of this engine moves: the element's time is a place in it. */
  settle(): void
  isSettled(): boolean
  /** Server time, ms: also while nothing moves. Null before the first picture. */
  date(engine: Engine | null): number | null
}

/** HTMLMediaElement.readyState: before, the element forgets where it was told to go. */
const HAVE_METADATA = 1

export function createPlace(video: HTMLVideoElement): Place {
  let settled = false
  let last: number | null = null
  let wanted: number | null = null
  return {
    leave(keep) {
      settled = false
      wanted = keep ? last : null
    },
    restore(engine) {
      if (wanted === null || video.readyState < HAVE_METADATA) return
      const position = engine.positionOf(wanted)
      if (position === null) return
      wanted = null
      video.currentTime = position
    },
    settle() {
      // What moves before it was brought there is not what is wanted.
      if (wanted === null) settled = true
    },
    isSettled: () => settled,
    date(engine) {
      if (settled && video.readyState >= HAVE_METADATA) last = engine?.dateAt(video.currentTime) ?? last
      return last
    },
  }
}
