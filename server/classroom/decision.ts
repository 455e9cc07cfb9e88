import type { FactBody } from './facts'
import { type Refusal, type RefusalCode, refuse } from './refusals'

/** What a decision may know besides the state: time and fresh ids are inputs, never taken. */
export type Context = {
  /** Server time, ms. */
  now: number
  newId: (prefix: 'req' | 'inv' | 'off' | 'scr' | 'msg') => string
}

export type Decision = { ok: true; facts: FactBody[] } | { ok: false; refusal: Refusal }

export function accept(...facts: FactBody[]): Decision {
  return { ok: true, facts }
}

export { type Refusal, type RefusalCode, refuse }
