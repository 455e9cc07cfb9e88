import type { Fact } from '../server/classroom/facts'
import { tierOf } from '../server/classroom/people'
import type { ClassState } from '../server/classroom/state'
import { rowsOf } from '../server/classroom/table'

/** On stage is a second line beside the tier: one is on stage in one's seat. */
export type StayPlace = 'seat' | 'overflow' | 'waiting' | 'stage'
export type OpenStay = { personId: string; place: StayPlace }
export type Stay = OpenStay & { joinedAt: number; leftAt: number | null; seq: number }
export type StayChanges = {
  /** Stays that were open before, and when they ended. */
  ended: (OpenStay & { leftAt: number })[]
  begun: Stay[]
}

type Line = 'tier' | 'stage'
const lineOf = (place: StayPlace): Line => (place === 'stage' ? 'stage' : 'tier')

/** What facts do to the stays that were open before them. */
export function toStayChanges(open: readonly OpenStay[], facts: readonly Fact[]): StayChanges {
  const changes: StayChanges = { ended: [], begun: [] }
  const current = new Map<string, OpenStay | Stay>(
    open.map((stay) => [keyOf(stay.personId, lineOf(stay.place)), stay]),
  )

  function end(key: string, at: number) {
    const stay = current.get(key)
    if (!stay) return
    current.delete(key)
    if ('seq' in stay) stay.leftAt = at
    else changes.ended.push({ ...stay, leftAt: at })
  }

  function move(personId: string, place: StayPlace, { at, seq }: Fact) {
    const key = keyOf(personId, lineOf(place))
    if (current.get(key)?.place === place) return
    end(key, at)
    const stay: Stay = { personId, place, joinedAt: at, leftAt: null, seq }
    current.set(key, stay)
    changes.begun.push(stay)
  }

  for (const fact of facts) {
    switch (fact.type) {
      case 'person.joined':
        move(fact.personId, fact.tier, fact)
        break
      case 'seat.taken':
        move(fact.personId, 'seat', fact)
        break
      case 'seat.released':
        move(fact.personId, 'overflow', fact)
        break
      case 'person.changed':
        // Staff are at the desk, which is a seat that is not counted; who is a student again starts in the overflow.
        if (current.has(keyOf(fact.personId, 'tier'))) {
          move(fact.personId, fact.role === 'student' ? 'overflow' : 'seat', fact)
        }
        break
      case 'stage.joined':
        move(fact.personId, 'stage', fact)
        break
      case 'stage.left':
        end(keyOf(fact.personId, 'stage'), fact.at)
        break
      case 'person.left':
      case 'person.denied':
      case 'person.removed':
        end(keyOf(fact.personId, 'tier'), fact.at)
        break
      case 'class.ended':
        for (const key of [...current.keys()]) end(key, fact.at)
        break
    }
  }
  return changes
}

/** What brings the open stays to a state whose way there is not known. */
export function toStayCorrections(open: readonly OpenStay[], state: ClassState): StayChanges {
  const { at, seq } = state
  const wanted = state.phase === 'ended' ? [] : [...openIn(state)]
  const isIn = (stays: readonly OpenStay[], { personId, place }: OpenStay) =>
    stays.some((stay) => stay.personId === personId && stay.place === place)
  return {
    ended: open.filter((stay) => !isIn(wanted, stay)).map((stay) => ({ ...stay, leftAt: at })),
    begun: wanted
      .filter((stay) => !isIn(open, stay))
      .map((stay) => ({ ...stay, joinedAt: at, leftAt: null, seq })),
  }
}

function* openIn(state: ClassState): Generator<OpenStay> {
  for (const { personId, place } of rowsOf(state.people)) {
    const tier = tierOf(place)
    if (tier) yield { personId, place: tier }
  }
  for (const speaker of Object.values(state.stage)) {
    if (speaker.state === 'live') yield { personId: speaker.personId, place: 'stage' }
  }
}

function keyOf(personId: string, line: Line): string {
  return `${line} ${personId}`
}
