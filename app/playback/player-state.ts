import type { Chapter, PictureChange, Rendition, SeekRange, SoundVariant } from './engine'
import type { Quality } from './quality'

export type PlayerPhase =
  | 'starting'
  | 'playing'
  | 'paused'
  | 'stalled'
  | 'recovering'
  | 'unsupported'
  | 'ended'

/** `weak`: the link did not carry the picture; it comes back by itself. */
export type Carried = 'picture' | 'sound' | 'sound-weak'

export type PlayerState = {
  phase: PlayerPhase
  muted: boolean
  quality: Quality
  carried: Carried
  renditions: readonly Rendition[]
  sound: SoundVariant | null
  /** The rendition on show; null: none, or not known. */
  height: number | null
  /** How far the picture is behind server time, ms. */
  delayMs: number | null
  /** Kept near live; who paused or went back is not. */
  following: boolean
  /** How far behind the newest part the player stays, ms. */
  targetMs: number | null
  /** What can be seen now and where in it the picture is, seconds of the element; null before the first picture. */
  span: (SeekRange & { position: number }) | null
  chapters: readonly Chapter[]
  /** What is seen at the picture's date; null: nothing is said of it. */
  picture: PictureChange | null
}

export const atFirst: PlayerState = {
  phase: 'starting',
  muted: true,
  quality: { kind: 'auto' },
  carried: 'picture',
  renditions: [],
  sound: null,
  height: null,
  delayMs: null,
  following: true,
  targetMs: null,
  span: null,
  chapters: [],
  picture: null,
}

export type PlayerStore = {
  read(): PlayerState
  /** Listeners are told when something is another by `Object.is`. */
  set(change: Partial<PlayerState>): void
  subscribe(listener: () => void): () => void
}

export function createPlayerStore(initial: PlayerState): PlayerStore {
  let state = initial
  const listeners = new Set<() => void>()
  return {
    read: () => state,
    set(change) {
      const keys = Object.keys(change) as (keyof PlayerState)[]
      if (keys.every((key) => Object.is(state[key], change[key]))) return
      state = { ...state, ...change }
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
