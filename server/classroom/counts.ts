import type { ClassState } from './state'

export type Counts = {
  seats: { limit: number; held: number; offered: number }
  overflow: number
  waiting: number
  /** Pending hands and questions. */
  requests: number
  stage: number
}

export function toCounts(state: ClassState): Counts {
  const offered = Object.keys(state.offers).length
  return {
    seats: { limit: state.settings.seats, held: state.seats.held, offered },
    overflow: state.tiers.overflow,
    waiting: state.tiers.waiting,
    requests: state.pendingRequests,
    stage: Object.keys(state.stage).length,
  }
}
