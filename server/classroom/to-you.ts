import { toAudience } from './audience'
import type { CommandName } from './commands'
import type { Fact } from './facts'
import { toMediaRights } from './media-rights'
import { isStaff, type Person, tierOf } from './people'
import { isInClass, waitingLine } from './placement'
import { hasRecording } from './recording'
import { findHand, findVotes, votersOf } from './requests'
import { findInvitation } from './stage-facts'
import type { ClassState } from './state'
import { findRow } from './table'
import type { You } from './you'

/** What concerns one person, from the state alone; null: nobody of that name is in the class's list. */
export function toYou(state: ClassState, personId: string): You | null {
  const person = findRow(state.people, personId)
  if (!person) return null
  const { place } = person
  const offer = state.offers[personId]
  const invitation = state.invitations[personId]
  const speaker = state.stage[personId]
  const hand = findHand(state, personId)
  return {
    seq: state.seq,
    personId,
    name: person.name,
    role: person.role,
    audience: toAudience(person),
    tier: tierOf(place),
    can: toCan(state, person),
    connect: toMediaRights(state, personId).mayConnect,
    watch: mayWatch(state, person),
    votes: [...findVotes(state, personId)],
    ...(place.at === 'seat' && { seat: { state: 'held' } as const }),
    ...(offer && { seat: { state: 'offered', offerId: offer.offerId, until: offer.until } as const }),
    ...(place.at === 'overflow' && { wantsSeat: place.wantsSeat }),
    ...(place.at === 'waiting' && { waiting: { position: positionOf(state, place.since) } }),
    ...(hand?.status === 'pending' && { request: toOwnRequest(hand) }),
    ...(invitation && {
      invitation: {
        invitationId: invitation.invitationId,
        grade: invitation.grade,
        until: invitation.until,
        step: invitation.step,
      },
    }),
    ...(speaker && {
      stage: {
        state: speaker.state,
        grade: speaker.grade,
        since: speaker.since,
        ...(speaker.secondsAllowed && { secondsAllowed: speaker.secondsAllowed }),
      },
    }),
  }
}

function toOwnRequest(hand: { requestId: string; kind: 'voice' | 'text'; text?: string; madeAt: number }) {
  const { requestId, kind, text, madeAt } = hand
  return { requestId, kind, madeAt, ...(text && { text }) }
}

function positionOf(state: ClassState, since: number): number {
  const line = moments.get(state.people) ?? toMoments(state)
  moments.set(state.people, line)
  let [from, to] = [0, line.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((line[middle] ?? 0) < since) from = middle + 1
    else to = middle
  }
  return from + 1
}

/** Since when people wait, in order: thousands ask for their place in the same line. */
const moments = new WeakMap<ClassState['people'], number[]>()

function toMoments(state: ClassState): number[] {
  return waitingLine(state).flatMap(({ place }) => ('since' in place ? [place.since] : []))
}

/** Overflow watches; after the end so does everybody who was let in, where the class was recorded. */
function mayWatch(state: ClassState, person: Person): boolean {
  if (state.phase === 'live') return person.place.at === 'overflow'
  if (state.phase === 'ended') return isInClass(person) && hasRecording(state)
  return false
}

const staffCan: CommandName[] = [
  'request:publish',
  'request:decline',
  'request:answer',
  'request:merge',
  'hand:lower-all',
  'stage:invite',
  'stage:cancel',
  'stage:remove',
  'stage:mute',
  'stage:pin',
  'stage:time',
  'screen:show',
  'screen:clear',
  'seat:give',
  'seat:take',
  'person:admit',
  'person:deny',
  'person:remove',
  'chat:send',
  'chat:remove',
  'chat:mute',
  'caption:say',
  'class:quiet',
]
const teacherCan: CommandName[] = [...staffCan, 'person:role', 'class:start', 'class:end', 'class:settings']

function toCan(state: ClassState, person: Person): CommandName[] {
  if (person.place.at === 'removed' || state.phase === 'ended') return []
  if (isStaff(person)) return person.role === 'teacher' ? teacherCan : staffCan
  if (!isInClass(person)) return ['person:join']
  const { personId } = person
  const speaks = Object.hasOwn(state.stage, personId)
  const invited = Object.hasOwn(state.invitations, personId)
  const hand = findHand(state, personId)
  const can: CommandName[] = ['request:vote', 'request:unvote', 'person:leave']
  if (!state.quiet) can.push('question:ask')
  if (!state.quiet && state.settings.chat !== 'off') can.push('chat:send')
  if (!state.quiet && !speaks && !hand) can.push('hand:raise')
  if (hand?.status === 'pending') can.push('request:withdraw')
  if (invited) can.push('stage:progress', 'stage:accept', 'stage:decline')
  if (speaks) can.push('stage:leave')
  if (person.place.at === 'seat') can.push('seat:release')
  if (person.place.at === 'overflow') can.push('seat:want')
  if (Object.hasOwn(state.offers, personId)) can.push('seat:accept', 'seat:decline')
  return can
}

/**
 * Whose `you` a fact changes, but for places in the waiting line: who leaves it moves up everybody behind them, and
 * ten thousand people would get ten thousand frames each. The transport tells places at a pace of its own.
 */
export function concerned(fact: Fact, before: ClassState, after: ClassState): readonly string[] | 'everyone' {
  switch (fact.type) {
    case 'class.started':
    case 'class.ended':
    case 'class.quieted':
    case 'class.changed':
    case 'recording.deleted':
      return 'everyone'
    case 'stage.cancelled':
    case 'stage.declined':
    case 'stage.progressed': {
      const invitation = findInvitation(before, fact.invitationId)
      return invitation ? [invitation.personId] : []
    }
    case 'request.withdrawn':
    case 'request.declined':
    case 'request.answered':
    case 'request.published': {
      const owner = findRow(after.requests, fact.requestId)?.personId
      return owner ? [owner] : []
    }
    case 'request.merged': {
      const request = findRow(before.requests, fact.requestId)
      return request ? [request.personId, ...votersOf(before, fact.requestId)] : []
    }
    case 'person.registered':
    case 'person.joined':
    case 'person.admitted':
    case 'person.denied':
    case 'person.left':
    case 'person.removed':
    case 'person.changed':
    case 'seat.taken':
    case 'seat.released':
    case 'seat.offered':
    case 'seat.declined':
    case 'seat.wanted':
    case 'request.made':
    case 'request.voted':
    case 'request.unvoted':
    case 'stage.invited':
    case 'stage.accepted':
    case 'stage.joined':
    case 'stage.left':
    case 'stage.timed':
      return [fact.personId]
    default:
      return []
  }
}
