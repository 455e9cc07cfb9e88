import type { Actor, Command } from '../../server/classroom/commands'
import { decide, toCause, toFact } from '../../server/classroom/decide'
import type { Context } from '../../server/classroom/decision'
import { evolve } from '../../server/classroom/evolve'
import type { Fact } from '../../server/classroom/facts'
import { type ClassSettings, defaultSettings } from '../../server/classroom/settings'
import { type ClassState, emptyClass } from '../../server/classroom/state'
import { findRow } from '../../server/classroom/table'

export type Step = { before: ClassState; after: ClassState; facts: Fact[] }
export type Answer =
  | { ok: true; seq: number; facts: Fact[] }
  | { ok: false; code: string; retryAfterMs?: number }

/** A class in memory with real rules and a clock of its own: what the leader does, without Redis. */
export class Rehearsal {
  state: ClassState
  now = 1_000_000
  readonly steps: Step[] = []
  private ids = 0

  constructor(settings: Partial<ClassSettings> = {}) {
    const all = { ...defaultSettings, ...settings }
    this.state = emptyClass('cls_1', all)
    this.system({ name: 'class:create', orgId: 'org_1', title: 'Physics', code: 'abc', settings: all })
  }

  submit(by: Actor, command: Command, id = `id-${++this.ids}`): Answer {
    const context: Context = { now: this.now, newId: (prefix) => `${prefix}_${++this.ids}` }
    const envelope = { id, by, command }
    const decision = decide(this.state, envelope, context)
    if (!decision.ok) {
      const { code, retryAfterMs } = decision.refusal
      return { ok: false, code, ...(retryAfterMs !== undefined && { retryAfterMs }) }
    }
    const facts: Fact[] = []
    for (const body of decision.facts) {
      const before = this.state
      const fact = toFact(before, body, this.now, toCause(envelope))
      this.state = evolve(before, fact)
      this.steps.push({ before, after: this.state, facts: [fact] })
      facts.push(fact)
    }
    return { ok: true, seq: 'seq' in decision ? decision.seq : this.state.seq, facts }
  }

  system(command: Command): Answer {
    return this.submit({ kind: 'system' }, command)
  }

  as(personId: string, command: Command, id?: string): Answer {
    return this.submit({ kind: 'person', personId }, command, id)
  }

  /** Registers and joins; the answer is that of the join. */
  enter(personId: string, role: 'teacher' | 'assistant' | 'student' = 'student', language = 'en'): Answer {
    this.system({ name: 'person:register', personId, displayName: `Name of ${personId}`, role, language })
    return this.as(personId, { name: 'person:join' })
  }

  /** A live class with a teacher `t` and students s1..sN in the order of their joining. */
  static live(students: number, settings: Partial<ClassSettings> = {}): Rehearsal {
    const rehearsal = new Rehearsal(settings)
    rehearsal.enter('t', 'teacher')
    rehearsal.as('t', { name: 'class:start' })
    for (let i = 1; i <= students; i++) rehearsal.enter(`s${i}`)
    return rehearsal
  }

  placeOf(personId: string): string {
    return findRow(this.state.people, personId)?.place.at ?? 'unknown'
  }
}
