import type { Envelope } from '../classroom/commands'
import type { Context, Decision } from '../classroom/decision'
import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'

/** The pure core, as the log needs it. */
export type Rules = {
  /** The second form answers the resend of an accepted command with the seq it had. */
  decide(
    state: ClassState,
    envelope: Envelope,
    context: Context,
  ): Decision | { ok: true; facts: []; seq: number }
  evolve(state: ClassState, fact: Fact): ClassState
  /** Brings a stored fact to today's version; `unknown`: written by a newer Amphi. */
  upcast(raw: unknown): Fact | 'unknown'
  /** Server time, ms, at which the leader submits `deadlines:pass`. */
  nextDeadline(state: ClassState): number | null
  /** The state before `class.created`. */
  emptyState(classId: string): ClassState
}
