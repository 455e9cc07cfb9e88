import { retryDelayMs } from '~/class-state/retry-delay'

/** What stopped the player for good, unless it is helped. */
export type Failure =
  | { kind: 'http'; status: number }
  /** No answer, or an answer that is not a playlist or a segment. */
  | { kind: 'network' }
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

/** Every failure has a way back without a reload; the more often it fails in a row, the rougher and the later. */
export function toRecovery(failure: Failure, attempt: number, random: number): Recovery {
  const afterMs = attempt === 0 ? 0 : retryDelayMs(attempt - 1, random)
  switch (failure.kind) {
    case 'http': {
      if (failure.status === 404) {
        return { step: 'begin-again', afterMs: STARTING_POLL_MS, phase: 'starting', freshAddress: false }
      }
      const denied = failure.status === 401 || failure.status === 403
      const step = denied || attempt > 0 ? 'begin-again' : 'go-on'
      return { step, afterMs: Math.max(afterMs, 300), phase: 'recovering', freshAddress: denied }
    }
    case 'network':
      return {
        step: attempt < 2 ? 'go-on' : 'begin-again',
        afterMs: Math.max(afterMs, 300),
        phase: 'recovering',
        freshAddress: attempt > 4,
      }
    case 'media':
      return {
        step: attempt === 0 ? 'mend-media' : 'begin-again',
        afterMs,
        phase: 'recovering',
        freshAddress: false,
      }
    case 'stuck':
      return {
        step: attempt === 0 ? 'go-on' : 'begin-again',
        afterMs,
        phase: 'recovering',
        freshAddress: attempt > 4,
      }
  }
}
