import { isStaff, type Person } from './people'

/** A client belongs to exactly one: everybody in it gets the same bytes. */
export type Audience = 'staff' | `student:${string}`

export function toAudience(person: Pick<Person, 'role' | 'language'>): Audience {
  return isStaff(person) ? 'staff' : `student:${person.language}`
}

/** The language an audience reads; staff read every language of the class. */
export function languageOf(audience: Audience): string | null {
  return audience === 'staff' ? null : audience.slice('student:'.length)
}
