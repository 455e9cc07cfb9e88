import type { Actor } from './commands'
import { isStaff, type Person } from './people'
import type { RefusalCode } from './refusals'
import type { ClassState } from './state'
import { findRow } from './table'

/** Who acts, as the state knows them: the role in a token decides nothing. */
export type By =
  | { kind: 'system' }
  | { kind: 'api' }
  | { kind: 'person'; person: Person; staff: boolean; teacher: boolean }

export function findActor(state: ClassState, actor: Actor): By | { kind: 'nobody'; code: RefusalCode } {
  if (actor.kind !== 'person') return { kind: actor.kind }
  const person = findRow(state.people, actor.personId)
  if (!person) return { kind: 'nobody', code: 'not_in_class' }
  if (person.place.at === 'removed') return { kind: 'nobody', code: 'removed' }
  return { kind: 'person', person, staff: isStaff(person), teacher: person.role === 'teacher' }
}

export function actsAsStaff(by: By): boolean {
  return by.kind === 'api' || (by.kind === 'person' && by.staff)
}

export function actsAsTeacher(by: By): boolean {
  return by.kind === 'api' || (by.kind === 'person' && by.teacher)
}
