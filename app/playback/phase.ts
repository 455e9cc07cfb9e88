import type { PlayerPhase } from './player-state'

/** What keeps the broadcast from playing, as far as people are told; null: nothing. */
export type Trouble = 'starting' | 'recovering' | null

export type Signs = {
  before: PlayerPhase
  ended: boolean
  wantsPause: boolean
  /** The picture goes on. */
  moving: boolean
  /** Nothing is left to play. */
  dry: boolean
  trouble: Trouble
}

/** A picture that moves needs no words, whatever is being repaired behind it. */
export function toPhase({ before, ended, wantsPause, moving, dry, trouble }: Signs): PlayerPhase {
  if (before === 'unsupported') return before
  if (ended) return 'ended'
  if (wantsPause) return 'paused'
  if (moving) return 'playing'
  if (trouble) return trouble
  if (dry || before === 'paused' || before === 'ended') return 'stalled'
  return before
}
