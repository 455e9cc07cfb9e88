import type { Fact } from '../classroom/facts'
import type { ByeCode } from '../protocol/errors'

/** What a fact says to the person it is about, when it puts them out of the class. */
export function toFarewell(fact: Fact): ByeCode | null {
  switch (fact.type) {
    case 'person.removed':
      return 'removed'
    case 'person.denied':
      return 'denied'
    case 'person.left':
      return fact.reason === 'gone' ? 'gone' : 'left'
    default:
      return null
  }
}
