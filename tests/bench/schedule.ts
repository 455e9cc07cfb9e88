import { createRandom } from '../../scripts/demo/random'

/** When messages are sent, ms from the beginning, in order. */
export type Schedule = number[]

/** As a metronome: the kindest there is, nobody ever comes while another is being served. */
export function toEvenSchedule(perSecond: number, seconds: number): Schedule {
  return Array.from({ length: Math.round(perSecond * seconds) }, (_, i) => ((i + 0.5) * 1000) / perSecond)
}

/**
 * As people do who know nothing of each other: at any moment with the same chance (Poisson), so often that it makes the
 * rate over the whole time. The same seed gives the same moments.
 */
export function toRandomSchedule(perSecond: number, seconds: number, seed: number): Schedule {
  const { next } = createRandom(seed)
  const count = Math.round(perSecond * seconds)
  // Given their number, the moments of such arrivals are spread evenly over the time.
  return Array.from({ length: count }, () => next() * seconds * 1000).sort((a, b) => a - b)
}
