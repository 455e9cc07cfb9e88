export type Verdict =
  | { kind: 'pass' }
  /** Answered with `too_fast`; nothing is done. */
  | { kind: 'wait'; retryAfterMs: number }
  /** The connection is closed, and no new one let in for `retryAfterMs`. */
  | { kind: 'flood'; retryAfterMs: number }

const pass: Verdict = { kind: 'pass' }

export type FloodLimits = { perSecond: number; burst: number; patience: number; blockMs: number }

/** A person clicks a few times a second; a page that comes back sends what it kept, at most some dozens. */
export const commandLimits: FloodLimits = {
  perSecond: 20,
  burst: 40,
  /** Commands beyond the rate before the connection goes: a bug gets its answers, a flood costs ten seconds' worth. */
  patience: 200,
  /** Long enough that coming back at once is no way of flooding. */
  blockMs: 30_000,
}

/** A token bucket that ends in a block. Times are ms of any steady clock. */
export class FloodGuard {
  readonly #limits: FloodLimits
  #tokens: number
  #refilledAt = 0
  #refused = 0
  #blockedUntil = 0

  constructor(limits: FloodLimits) {
    this.#limits = limits
    this.#tokens = limits.burst
  }

  /** `cost`: as many commands as that. */
  take(now: number, cost = 1): Verdict {
    if (now < this.#blockedUntil) return { kind: 'flood', retryAfterMs: this.#blockedUntil - now }
    this.#refill(now)
    if (this.#tokens >= cost) {
      this.#tokens -= cost
      return pass
    }
    this.#refused += 1
    if (this.#refused <= this.#limits.patience) {
      const missing = cost - this.#tokens
      return { kind: 'wait', retryAfterMs: Math.ceil((missing * 1000) / this.#limits.perSecond) }
    }
    return this.block(now)
  }

  /** As if they had gone on for too long. */
  block(now: number): Verdict {
    const { blockMs, burst } = this.#limits
    this.#blockedUntil = now + blockMs
    this.#tokens = burst
    this.#refused = 0
    return { kind: 'flood', retryAfterMs: blockMs }
  }

  /** How long this one stays blocked, ms; 0: not blocked. */
  blockedMs(now: number): number {
    return Math.max(0, this.#blockedUntil - now)
  }

  /** As good as new: it may be forgotten. */
  isIdle(now: number): boolean {
    this.#refill(now)
    return now >= this.#blockedUntil && this.#tokens === this.#limits.burst
  }

  #refill(now: number) {
    const { burst, perSecond } = this.#limits
    if (this.#refilledAt > 0) {
      const gained = ((now - this.#refilledAt) * perSecond) / 1000
      this.#tokens = Math.min(burst, this.#tokens + Math.max(0, gained))
    }
    this.#refilledAt = now
    if (this.#tokens === burst) this.#refused = 0
  }
}
