import { retryDelayMs } from '~/class-state/retry-delay'

/** What stopped the player for good, unless it is helped. */
export type Failure =
  | { kind: 'http'; status: number }
  /** No answer, or an answer that is not a playlist or a segment. */
  | { kind: 'network' }
  /** The browser's own player took an address for unplayable and does not say why: not there yet, or denied. */
  | { kind: 'refused' }
  /** The browser's decoder or its buffers. */
  | { kind: 'media' }
  /** It says that it plays, but the picture stands still. */
  | { kind: 'stuck' }

export type Recovery = {
  /** From the gentlest to the roughest. */
  step: 'go-on' | 'mend-media' | 'begin-again'
  afterMs: number
  /** What people are told meanwhile. */
  phase: 'starting' | 'recovering'
  /** The address holds a token, which may have run out. */
  freshAddress: boolean
}

/** A broadcast that is not there yet is asked for once a second. */
const STARTING_POLL_MS = 1_000
/** Not at once: what failed in one request often fails in the next one of the same instant. */
const LEAST_DELAY_MS = 300
/** Tokens of one hour run out at the same moment, for thousands. */
const DENIED_SPREAD_MS = 2_000
/** From then on the address itself may be what is wrong. */
const ADDRESS_DOUBTED_AFTER = 4

/** Every failure has a way back without a reload; the more often it fails in a row, the rougher and the later. */
export function toRecovery(failure: Failure, attempt: number, random: number): Recovery {
  const afterMs = attempt === 0 ? 0 : retryDelayMs(attempt - 1, random)
  const recovering = { phase: 'recovering', freshAddress: attempt > ADDRESS_DOUBTED_AFTER } as const
  switch (failure.kind) {
    case 'http': {
      if (failure.status === 404) {
        return { step: 'begin-again', afterMs: STARTING_POLL_MS, phase: 'starting', freshAddress: false }
      }
      const denied = failure.status === 401 || failure.status === 403
      const step = denied || attempt > 0 ? 'begin-again' : 'go-on'
      const leastMs = LEAST_DELAY_MS + (denied ? random * DENIED_SPREAD_MS : 0)
      return { ...recovering, step, afterMs: Math.max(afterMs, leastMs), freshAddress: denied }
    }
    case 'network': {
      const step = attempt < 2 ? 'go-on' : 'begin-again'
      return { ...recovering, step, afterMs: Math.max(afterMs, LEAST_DELAY_MS) }
    }
    case 'refused':
      return {
        step: 'begin-again',
        afterMs: Math.max(afterMs, STARTING_POLL_MS),
        phase: 'starting',
        // Every other time: a broadcast that is not there yet needs no new token.
        freshAddress: attempt % 2 === 1,
      }
    case 'media':
      return { ...recovering, step: attempt === 0 ? 'mend-media' : 'begin-again', afterMs }
    case 'stuck': {
      const step = (['go-on', 'mend-media'] as const)[attempt] ?? 'begin-again'
      return { ...recovering, step, afterMs }
    }
  }
}
