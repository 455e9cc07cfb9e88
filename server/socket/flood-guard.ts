export type Verdict =
  | { kind: 'pass' }
  /** Answered with `too_fast`; nothing is done. */
  | { kind: 'wait'; retryAfterMs: number }
  /** The connection is closed, and no new one let in for `retryAfterMs`. */
  | { kind: 'flood'; retryAfterMs: number }

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

/** Frames of any kind, also those that are no commands: pongs, acks, unknown packets. */
export const frameLimits: FloodLimits = { perSecond: 200, burst: 400, patience: 0, blockMs: 30_000 }

export type FloodGuard = {
  /** `cost`: as many commands as that. */
  take(now: number, cost?: number): Verdict
  /** As if they had gone on for too long. */
  block(now: number): Verdict
  /** How long this one stays blocked, ms; 0: not blocked. */
  blockedMs(now: number): number
  /** As good as new: it may be forgotten. */
  isIdle(now: number): boolean
}

/** A token bucket that ends in a block. Times are ms of any steady clock. */
export function createFloodGuard(limits: FloodLimits): FloodGuard {
  let tokens = limits.burst
  let refilledAt = 0
  let refused = 0
  let blockedUntil = 0

  function refill(now: number) {
    if (refilledAt > 0) {
      const gained = ((now - refilledAt) * limits.perSecond) / 1000
      tokens = Math.min(limits.burst, tokens + Math.max(0, gained))
    }
    refilledAt = now
    if (tokens === limits.burst) refused = 0
  }

  function block(now: number): Verdict {
    blockedUntil = now + limits.blockMs
    tokens = limits.burst
    refused = 0
    return { kind: 'flood', retryAfterMs: limits.blockMs }
  }

  return {
    take(now, cost = 1) {
      if (now < blockedUntil) return { kind: 'flood', retryAfterMs: blockedUntil - now }
      refill(now)
      if (tokens >= cost) {
        tokens -= cost
        return { kind: 'pass' }
      }
      refused += 1
      if (refused <= limits.patience) {
        return { kind: 'wait', retryAfterMs: Math.ceil(((cost - tokens) * 1000) / limits.perSecond) }
      }
      return block(now)
    },
    block,
    blockedMs: (now) => Math.max(0, blockedUntil - now),
    isIdle(now) {
      refill(now)
      return now >= blockedUntil && tokens === limits.burst
    },
  }
}
