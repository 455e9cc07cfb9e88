import { actsAsStaff, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Decision, refuse } from './decision'
import type { FactAmong, FactBody } from './facts'
import { isStaff, type Person, type Place } from './people'
import { freeSeats, waitingLine, withPerson, withPlace } from './placement'
import { findHand } from './requests'
import { leaveStage } from './stage'
import type { ClassState } from './state'
import { findRow, withRow } from './table'

/**
 * Everybody who was ever registered counts, as attendance has them all. Five times the classes we measure with; the
 * state is then 18 MB of JSON in every process that follows the class, and no code that leaks makes it more.
 */
export const PEOPLE_LIMIT = 50_000

type AdmissionCommand = CommandOf<
  | 'person:register'
  | 'person:join'
  | 'person:leave'
  | 'person:gone'
  | 'person:admit'
  | 'person:deny'
  | 'person:remove'
  | 'person:role'
>

export function decideAdmission(state: ClassState, by: By, command: AdmissionCommand): Decision {
  switch (command.name) {
    case 'person:register': {
      if (by.kind !== 'system') return refuse('not_allowed')
      if (state.phase === 'ended') return refuse('class_ended')
      if (findRow(state.people, command.personId)) return accept()
      if (command.role === 'student' && state.settings.entry === 'locked') return refuse('class_locked')
      if (command.role === 'student' && state.people.size >= PEOPLE_LIMIT) return refuse('class_full')
      const { personId, displayName: name, role, language } = command
      return accept({ type: 'person.registered', personId, name, role, language })
    }
    case 'person:join':
      return by.kind === 'person' ? decideJoin(state, by.person) : refuse('not_allowed')
    case 'person:leave':
      if (by.kind !== 'person') return refuse('not_allowed')
      return accept(...leave(state, by.person, 'left'))
    case 'person:gone': {
      if (by.kind !== 'system') return refuse('not_allowed')
      const person = findRow(state.people, command.personId)
      return person ? accept(...leave(state, person, 'gone')) : accept()
    }
    default:
      return actsAsStaff(by) ? decideByStaff(state, by, command) : refuse('not_allowed')
  }
}

type StaffCommand = CommandOf<'person:admit' | 'person:deny' | 'person:remove' | 'person:role'>

function decideByStaff(state: ClassState, by: By, command: StaffCommand): Decision {
  if (command.name === 'person:admit' && command.all) {
    const admitted = new Set(waitingLine(state).map((p) => p.personId))
    return accept(...admit(state, admitted))
  }
  const person = findRow(state.people, command.personId ?? '')
  if (!person) return refuse('unknown_person')
  const { personId } = person
  switch (command.name) {
    case 'person:admit':
      return accept(...admit(state, new Set([personId])))
    case 'person:deny':
      return person.place.at === 'waiting' ? accept({ type: 'person.denied', personId }) : accept()
    case 'person:remove': {
      if (person.role === 'teacher') return refuse('not_allowed')
      if (person.place.at === 'removed') return accept()
      const { reason } = command
      const removed: FactBody = { type: 'person.removed', personId, ...(reason && { reason }) }
      return accept(...withdrawFrom(state, person), removed)
    }
    case 'person:role': {
      const teacher = by.kind === 'api' || (by.kind === 'person' && by.teacher)
      // Nobody takes their own rights away: a class is never without a teacher by accident.
      if (!teacher || (by.kind === 'person' && by.person.personId === personId)) return refuse('not_allowed')
      if (person.role === command.role) return accept()
      return accept(...withdrawFrom(state, person), { type: 'person.changed', personId, role: command.role })
    }
  }
}

function decideJoin(state: ClassState, person: Person): Decision {
  if (state.phase === 'ended') return refuse('class_ended')
  const at = person.place.at
  if (at === 'seat' || at === 'overflow' || at === 'desk' || at === 'waiting') return accept()
  if (!isStaff(person) && state.settings.entry === 'locked' && person.place.at === 'outside') {
    return refuse('class_locked')
  }
  const { personId } = person
  if (isStaff(person)) return accept({ type: 'person.joined', personId, tier: 'seat' })
  if (state.phase === 'draft' || state.settings.lobby) {
    return accept({ type: 'person.joined', personId, tier: 'waiting' })
  }
  return accept({ type: 'person.joined', personId, tier: freeSeats(state) > 0 ? 'seat' : 'overflow' })
}

function admit(state: ClassState, personIds: ReadonlySet<string>): FactBody[] {
  const waiting = waitingLine(state).filter((p) => personIds.has(p.personId))
  const admitted = waiting.filter((p) => p.place.at === 'waiting' && !p.place.admitted)
  const facts = admitted.map((p): FactBody => ({ type: 'person.admitted', personId: p.personId }))
  return [...facts, ...placeWaiting(state, personIds)]
}

/** Lets in, in their order, those who wait for nothing any more (`admitted` counts as let in by staff). */
export function placeWaiting(state: ClassState, admitted: ReadonlySet<string> = new Set()): FactBody[] {
  if (state.phase !== 'live') return []
  let free = freeSeats(state)
  const ready = (p: Person) =>
    !state.settings.lobby || admitted.has(p.personId) || (p.place.at === 'waiting' && p.place.admitted)
  return waitingLine(state)
    .filter(ready)
    .map((p): FactBody => {
      const tier = free-- > 0 ? 'seat' : 'overflow'
      return { type: 'person.joined', personId: p.personId, tier }
    })
}

function leave(state: ClassState, person: Person, reason: 'left' | 'gone'): FactBody[] {
  if (person.place.at === 'outside' || person.place.at === 'removed') return []
  return [...withdrawFrom(state, person), { type: 'person.left', personId: person.personId, reason }]
}

/** What ends with a person's presence: their open requests, their invitation, their time on stage. */
export function withdrawFrom(state: ClassState, person: Person): FactBody[] {
  const { personId } = person
  const speaker = state.stage[personId]
  const heard = speaker?.state === 'live' ? speaker.requestId : undefined
  const hand = findHand(state, personId)
  const open = hand && hand.requestId !== heard ? [hand] : []
  const invitation = state.invitations[personId]
  return [
    ...leaveStage(state, personId, 'left'),
    ...(invitation
      ? [{ type: 'stage.cancelled', invitationId: invitation.invitationId, reason: 'left' } as const]
      : []),
    ...open.map((r) => ({ type: 'request.withdrawn', requestId: r.requestId, by: 'left' }) as const),
  ]
}

type AdmissionFact = FactAmong<
  | 'person.registered'
  | 'person.joined'
  | 'person.admitted'
  | 'person.denied'
  | 'person.left'
  | 'person.removed'
  | 'person.changed'
>

export function evolveAdmission(state: ClassState, fact: AdmissionFact): ClassState {
  switch (fact.type) {
    case 'person.registered': {
      const { personId, name, role, language } = fact
      const person: Person = {
        personId,
        name,
        role,
        language,
        place: { at: 'outside' },
        audienceSince: fact.seq,
        spoken: 0,
      }
      return { ...state, people: withRow(state.people, personId, person) }
    }
    case 'person.joined':
      return withPlace(
        withPerson(state, fact.personId, { audienceSince: fact.seq }),
        fact.personId,
        toPlace(state, fact),
      )
    case 'person.admitted': {
      const place = findRow(state.people, fact.personId)?.place
      return place?.at === 'waiting' ? withPlace(state, fact.personId, { ...place, admitted: true }) : state
    }
    case 'person.denied':
    case 'person.left':
      return withPlace(state, fact.personId, { at: 'outside' })
    case 'person.removed':
      return withPlace(state, fact.personId, { at: 'removed' })
    case 'person.changed': {
      const changed = withPerson(state, fact.personId, { role: fact.role, audienceSince: fact.seq })
      const place = findRow(changed.people, fact.personId)?.place
      if (!place || place.at === 'outside' || place.at === 'removed') return changed
      if (fact.role !== 'student') return withPlace(changed, fact.personId, { at: 'desk', since: fact.seq })
      return place.at === 'desk'
        ? withPlace(changed, fact.personId, { at: 'overflow', since: fact.seq, wantsSeat: true })
        : changed
    }
  }
}

function toPlace(state: ClassState, fact: FactAmong<'person.joined'>): Place {
  const person = findRow(state.people, fact.personId)
  if (person && isStaff(person)) return { at: 'desk', since: fact.seq }
  switch (fact.tier) {
    case 'seat':
      return { at: 'seat', since: fact.seq }
    case 'overflow':
      return { at: 'overflow', since: fact.seq, wantsSeat: true }
    case 'waiting':
      return { at: 'waiting', since: fact.seq, admitted: false }
  }
}
