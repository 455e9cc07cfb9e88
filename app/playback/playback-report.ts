import type { PlaybackReport } from '../../server/protocol/events'
import type { PlayerState } from './player-state'

/** What the gateway takes: a day, and more stalls than ten seconds can hold. */
const DELAY_LIMIT_MS = 24 * 3_600_000
const STALLS_LIMIT = 10_000

type Seen = Pick<PlayerState, 'phase' | 'delayMs' | 'following'>
type Taken = { stalls: number; level: number }

/** Who has had no picture yet says that, too: nobody sees less. */
export function toPlaybackReport(
  { phase, delayMs, following }: Seen,
  { stalls, level }: Taken,
): PlaybackReport {
  return {
    ...(delayMs !== null && { delayMs: Math.min(DELAY_LIMIT_MS, Math.max(0, delayMs)) }),
    stalls: Math.min(STALLS_LIMIT, stalls),
    level,
    following: following && phase !== 'paused',
  }
}
