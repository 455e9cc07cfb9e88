/** Short enough that a blip is not noticed. */
const FIRST_DELAY_MS = 400
/** A server that comes back is found again within this; longer only makes people reload. */
const LONGEST_DELAY_MS = 8_000

/**
 * How long to wait before attempt number `attempt` (0 is the first retry). Half of it is random, so that a whole
 * class that lost the same server does not come back in the same instant. `random` in [0, 1).
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10))
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
