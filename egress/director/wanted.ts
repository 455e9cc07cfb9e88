import type { ClassState } from '../../server/classroom/state'

/** A cold start takes seconds: begin when one in five seats is left, not when the first student finds none. */
const WARM_SHARE = 0.8

/** Should there be a broadcast, as far as the class itself goes? The linger is the director's. */
export function isWanted(state: ClassState): boolean {
  if (state.phase !== 'live') return false
  if (state.settings.recording === 'on' || state.tiers.overflow > 0) return true
  const { seats } = state.settings
  // None of no seats are left from the first moment on, also where everybody has gone and the class was not ended.
  return seats === 0 ? state.desks.held > 0 : state.seats.held >= seats * WARM_SHARE
}
