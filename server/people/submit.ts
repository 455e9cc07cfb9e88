import type { Envelope } from '../classroom/commands'
import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { ClassLogs, FollowedClass, Outcome } from '../log/class-logs'
import { fromRefusal } from '../protocol/errors'
import { type Failure, fail } from './failures'

/** Submits, and answers with the state that holds what was decided. */
export async function submit(
  logs: ClassLogs,
  followed: FollowedClass,
  envelope: Envelope,
): Promise<{ ok: true; facts: Fact[]; state: ClassState } | Failure> {
  const outcome = await logs.submit(followed.classId, envelope)
  if (!outcome.ok) return toFailure(outcome)
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
