import type { Envelope } from '../classroom/commands'
import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { ClassLogs, FollowedClass, Outcome } from '../log/class-logs'
import { fromRefusal } from '../protocol/errors'
import { type Failure, fail } from './failures'

/** A process that follows a class has a committed fact within milliseconds; later than this something is wrong. */
const CATCH_UP_MS = 3000

/** Submits, and answers with the state of this process once it holds what was decided. */
export async function submit(
  logs: ClassLogs,
  followed: FollowedClass,
  envelope: Envelope,
): Promise<{ ok: true; facts: Fact[]; state: ClassState } | Failure> {
  const outcome = await logs.submit(followed.classId, envelope)
  if (!outcome.ok) return toFailure(outcome)
  if (!(await reaches(followed, outcome.seq))) return fail('unavailable')
  return { ok: true, facts: outcome.facts, state: followed.state }
}

export function toFailure(outcome: Extract<Outcome, { ok: false }>): Failure {
  switch (outcome.kind) {
    case 'refusal':
      return { ok: false, error: fromRefusal(outcome.refusal) }
    case 'unknown_class':
      return fail('unknown_class')
    case 'busy':
    case 'unavailable':
      return fail(outcome.kind, { retryAfterMs: outcome.retryAfterMs })
  }
}

function reaches(followed: FollowedClass, seq: number): Promise<boolean> {
  if (followed.head.seq >= seq) return Promise.resolve(true)
  return new Promise((resolve) => {
    const settle = (reached: boolean) => {
      clearTimeout(timer)
      stop()
      resolve(reached)
    }
    const timer = setTimeout(() => settle(followed.head.seq >= seq), CATCH_UP_MS)
    const stop = followed.listen((event) => {
      if (event.kind === 'closed') settle(false)
      else if (followed.head.seq >= seq) settle(true)
    })
  })
}
