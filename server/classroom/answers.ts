import type { Cause } from './facts'
import type { Answers, ClassState } from './state'
import { findRow, withRow } from './table'

/** A resend comes within seconds of a lost answer; ten minutes cover a phone that slept. */
export const ANSWER_KEPT_MS = 600_000
/** More accepted commands in ten minutes than a person makes; a flood forgets its own oldest only. */
export const ANSWERS_A_PERSON = 64

/** The seq an accepted command was answered with, if it is a resend. */
export function findAnswer(state: ClassState, cause: Cause, now: number): number | null {
  const answers = findRow(state.answers, cause.personId)
  if (!answers || !Object.hasOwn(answers, cause.id)) return null
  const answer = answers[cause.id]
  return answer && answer.at + ANSWER_KEPT_MS > now ? answer.seq : null
}

export function withAnswer(state: ClassState, cause: Cause, seq: number, at: number): ClassState {
  const { [cause.id]: _same, ...others } = findRow(state.answers, cause.personId) ?? {}
  const kept = Object.entries(others)
    .filter(([, answer]) => answer.at + ANSWER_KEPT_MS > at)
    .slice(1 - ANSWERS_A_PERSON)
  const answers: Answers = { ...Object.fromEntries(kept), [cause.id]: { seq, at } }
  return { ...state, answers: withRow(state.answers, cause.personId, answers) }
}
