import { actsAsStaff, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Context, type Decision, refuse } from './decision'
import type { FactAmong, FactBody } from './facts'
import type { Person } from './people'
import { freeSeats, withoutOffer, withPlace } from './placement'
import type { ClassState } from './state'
import { findRow, rowsOf } from './table'

/** Long enough to read a dialog on a phone, short enough that the next in line does not feel it. */
export const OFFER_MS = 20_000

type SeatCommand = CommandOf<
  'seat:accept' | 'seat:decline' | 'seat:want' | 'seat:release' | 'seat:give' | 'seat:take'
>

export function decideSeats(state: ClassState, by: By, command: SeatCommand): Decision {
  switch (command.name) {
    case 'seat:give':
    case 'seat:take': {
      if (!actsAsStaff(by)) return refuse('not_allowed')
      const person = findRow(state.people, command.personId)
      if (!person) return refuse('unknown_person')
      return command.name === 'seat:give' ? give(state, person) : release(person, 'taken')
    }
    default:
      return by.kind === 'person' ? decideOwn(state, by.person, command) : refuse('not_allowed')
  }
}

type OwnCommand = CommandOf<'seat:accept' | 'seat:decline' | 'seat:want' | 'seat:release'>

function decideOwn(state: ClassState, person: Person, command: OwnCommand): Decision {
  const { personId, place } = person
  switch (command.name) {
    case 'seat:accept':
      if (state.offers[personId]?.offerId !== command.offerId) return refuse('unknown_offer')
      return accept({ type: 'seat.taken', personId, by: 'offer' })
    case 'seat:decline':
      if (state.offers[personId]?.offerId !== command.offerId) return refuse('unknown_offer')
      return accept({ type: 'seat.declined', personId, offerId: command.offerId, reason: 'declined' })
    case 'seat:want':
      if (place.at !== 'overflow') return refuse('not_allowed')
      if (place.wantsSeat === command.want) return accept()
      return accept({ type: 'seat.wanted', personId, want: command.want })
    case 'seat:release':
      return release(person, 'given_up')
  }
}

function give(state: ClassState, person: Person): Decision {
  if (person.place.at === 'seat') return accept()
  if (person.place.at !== 'overflow') return refuse('not_in_class')
  const offered = Object.hasOwn(state.offers, person.personId)
  if (!offered && freeSeats(state) <= 0) return refuse('no_free_seat')
  return accept({ type: 'seat.taken', personId: person.personId, by: 'staff' })
}

function release(person: Person, reason: 'given_up' | 'taken'): Decision {
  if (person.place.at !== 'seat') return refuse('not_allowed')
  return accept({ type: 'seat.released', personId: person.personId, reason })
}

/** Seats that are free after a decision go to the first in line: to be called on the state after the decision. */
export function offerFreeSeats(state: ClassState, context: Context): FactBody[] {
  if (state.phase !== 'live') return []
  const free = freeSeats(state)
  if (free <= 0 || state.seatLine.size === 0) return []
  return [...rowsOf(state.seatLine)]
    .filter((row) => !Object.hasOwn(state.offers, row.personId) && !Object.hasOwn(state.stage, row.personId))
    .sort((a, b) => a.since - b.since)
    .slice(0, free)
    .map(({ personId }): FactBody => {
      const until = Math.max(context.now, state.at) + OFFER_MS
      return { type: 'seat.offered', personId, offerId: context.newId('off'), until }
    })
}

type SeatFact = FactAmong<'seat.taken' | 'seat.released' | 'seat.offered' | 'seat.declined' | 'seat.wanted'>

export function evolveSeats(state: ClassState, fact: SeatFact): ClassState {
  const { personId } = fact
  switch (fact.type) {
    case 'seat.taken':
      return withPlace(state, personId, { at: 'seat', since: fact.seq })
    case 'seat.released':
      return withPlace(state, personId, { at: 'overflow', since: fact.seq, wantsSeat: false })
    case 'seat.offered':
      return {
        ...state,
        offers: { ...state.offers, [personId]: { offerId: fact.offerId, until: fact.until } },
      }
    case 'seat.declined': {
      const without = { ...state, offers: withoutOffer(state.offers, personId) }
      // A seat that came back is no reason to lose one's place in the line; a no, or no answer, is.
      return fact.reason === 'withdrawn' ? without : wanting(without, personId, false, fact.seq)
    }
    case 'seat.wanted':
      return wanting(state, personId, fact.want, fact.seq)
  }
}

function wanting(state: ClassState, personId: string, wantsSeat: boolean, seq: number): ClassState {
  const place = findRow(state.people, personId)?.place
  if (place?.at !== 'overflow') return state
  // Who wants again stands at the end of the line.
  return withPlace(state, personId, { ...place, wantsSeat, since: wantsSeat ? seq : place.since })
}
