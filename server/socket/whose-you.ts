import { concerned } from '../classroom/to-you'
import type { Step } from './audience-timeline'

/** Everybody whose `you` these steps change. */
export function whoseYou(steps: readonly Step[]): ReadonlySet<string> | 'everyone' {
  const people = new Set<string>()
  for (const { before, fact, after } of steps) {
    const some = concerned(fact, before, after)
    if (some === 'everyone') return 'everyone'
    for (const personId of some) people.add(personId)
  }
  return people
}
