import type { Envelope } from '../classroom/commands'
import { toCause, toFact } from '../classroom/decide'
import type { Context } from '../classroom/decision'
import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { Outcome } from './outcome'
import type { Rules } from './rules'

/** What would become of commands, once their facts are history. A fault is a command's own: the others go on. */
export type Verdict = { kind: 'outcome'; outcome: Outcome } | { kind: 'fault'; error: unknown }
export type Draft = { verdicts: Verdict[]; facts: Fact[]; states: ClassState[] }

/** Decides commands one after the other, each on the state that the facts of those before it would make. */
export function draft(
  rules: Rules,
  state: ClassState,
  envelopes: readonly Envelope[],
  context: Context,
): Draft {
  const facts: Fact[] = []
  const states: ClassState[] = []
  let now = state
  const verdicts = envelopes.map((envelope): Verdict => {
    try {
      const decided = decideOne(rules, now, envelope, context)
      if (!decided.ok) return { kind: 'outcome', outcome: decided }
      facts.push(...decided.facts)
      states.push(...decided.states)
      now = decided.states.at(-1) ?? now
      return { kind: 'outcome', outcome: { ok: true, seq: decided.seq, facts: decided.facts } }
    } catch (error) {
      return { kind: 'fault', error }
    }
  })
  return { verdicts, facts, states }
}

type Decided =
  | { ok: true; seq: number; facts: Fact[]; states: ClassState[] }
  | Extract<Outcome, { kind: 'refusal' }>

function decideOne(rules: Rules, state: ClassState, envelope: Envelope, context: Context): Decided {
  const decision = rules.decide(state, envelope, context)
  if (!decision.ok) return { ok: false, kind: 'refusal', refusal: decision.refusal }
  if ('seq' in decision) return { ok: true, seq: decision.seq, facts: [], states: [] }
  const cause = toCause(envelope)
  const facts: Fact[] = []
  const states: ClassState[] = []
  let now = state
  for (const body of decision.facts) {
    const fact = toFact(now, body, context.now, cause)
    now = rules.evolve(now, fact)
    facts.push(fact)
    states.push(now)
  }
  return { ok: true, seq: now.seq, facts, states }
}
