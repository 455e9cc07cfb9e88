import { isStaff, type Person } from './people'
import { isInClass } from './placement'

/** A client belongs to exactly one: everybody in it gets the same bytes. Who waits learns only about the class itself. */
export type Audience = 'staff' | 'waiting' | `student:${string}`

export function toAudience(person: Pick<Person, 'role' | 'language' | 'place'>): Audience {
  if (isStaff(person)) return 'staff'
  return isInClass(person) ? `student:${person.language}` : 'waiting'
}

/** The language an audience reads; staff read every language of the class. */
export function languageOf(audience: Audience): string | null {
  return audience.startsWith('student:') ? audience.slice('student:'.length) : null
}
