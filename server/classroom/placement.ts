import type { Person, Place } from './people'
import type { ClassState } from './state'
import { filterRows, findRow, withoutRow, withRow } from './table'

/** The one way to put somebody somewhere: counters, line and offers follow from the place. */
export function withPlace(state: ClassState, personId: string, place: Place): ClassState {
  const person = findRow(state.people, personId)
  if (!person) return state
  const was = person.place
  const held = state.seats.held + count(place, 'seat') - count(was, 'seat')
  const tiers = {
    overflow: state.tiers.overflow + count(place, 'overflow') - count(was, 'overflow'),
    waiting: state.tiers.waiting + count(place, 'waiting') - count(was, 'waiting'),
  }
  const desks = { held: state.desks.held + count(place, 'desk') - count(was, 'desk') }
  const inLine = place.at === 'overflow' && place.wantsSeat
  const seatLine = inLine
    ? withRow(state.seatLine, personId, { personId, since: place.since })
    : withoutRow(state.seatLine, personId)
  const offers = inLine ? state.offers : withoutOffer(state.offers, personId)
  const people = withRow(state.people, personId, { ...person, place })
  return { ...state, people, seats: { held }, tiers, desks, seatLine, offers }
}

export function withPerson(state: ClassState, personId: string, change: Partial<Person>): ClassState {
  const person = findRow(state.people, personId)
  if (!person) return state
  return { ...state, people: withRow(state.people, personId, { ...person, ...change }) }
}

export function withoutOffer(offers: ClassState['offers'], personId: string): ClassState['offers'] {
  if (!Object.hasOwn(offers, personId)) return offers
  const { [personId]: _gone, ...rest } = offers
  return rest
}

/** Seats that nobody holds and that are offered to nobody. */
export function freeSeats(state: ClassState): number {
  return state.settings.seats - state.seats.held - Object.keys(state.offers).length
}

/** Students waiting to be let in, in order. */
export function waitingLine(state: ClassState): Person[] {
  if (state.tiers.waiting === 0) return []
  return filterRows(state.people, (p) => p.place.at === 'waiting').sort((a, b) => since(a) - since(b))
}

export function isInClass(person: Pick<Person, 'place'>): boolean {
  return person.place.at === 'seat' || person.place.at === 'overflow' || person.place.at === 'desk'
}

function since(person: Person): number {
  return 'since' in person.place ? person.place.since : 0
}

function count(place: Place, at: Place['at']): number {
  return place.at === at ? 1 : 0
}
