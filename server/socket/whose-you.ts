import { concerned } from '../classroom/to-you'
import type { Step } from './audience-timeline'

/**
 * Everybody whose `you` these steps change. That somebody left the waiting line moves all behind them: they hear of it
 * from the waiting line, at its own pace, or ten thousand people would get ten thousand frames each.
 */
export function whoseYou(steps: readonly Step[]): ReadonlySet<string> | 'everyone' {
  const people = new Set<string>()
  for (const { before, fact, after } of steps) {
    if (fact.type.startsWith('person.') && 'personId' in fact && fact.personId) {
      people.add(fact.personId)
      continue
    }
    const some = concerned(fact, before, after)
    if (some === 'everyone') return 'everyone'
    for (const personId of some) people.add(personId)
  }
  return people
}
