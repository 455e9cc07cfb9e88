import { type Audience, languageOf } from './audience'
import { type Person, tierOf } from './people'
import type { ChatMessage, ClassState, Invitation, Request, ScreenItem, Speaker } from './state'
import { findRow } from './table'
import type {
  ChatMessageView,
  InvitationView,
  PersonView,
  RequestView,
  ScreenView,
  SpeakerView,
} from './view'

/** How one row of the state looks to an audience. Names are looked up here, so that facts need not carry them. */

function nameOf(state: ClassState, personId: string): string {
  return findRow(state.people, personId)?.name ?? ''
}

export function toRequestView(state: ClassState, request: Request, audience: Audience): RequestView {
  const { requestId, kind, status, published, madeAt, order, text, language, anonymous, personId } = request
  const named = audience === 'staff' || !anonymous
  return {
    requestId,
    kind,
    status,
    published,
    madeAt,
    order,
    votes: request.voteCount,
    anonymous,
    ...(text && { text }),
    ...(language && { language }),
    ...(named && { personId, name: nameOf(state, personId) }),
  }
}

/** Students see published questions, open or answered. */
export function isVisible(request: Request, audience: Audience): boolean {
  if (audience === 'staff') return true
  return (
    request.published &&
    (request.status === 'approved' || request.status === 'answered') &&
    !request.mergedInto
  )
}

export function toSpeakerView(state: ClassState, speaker: Speaker): SpeakerView {
  const { personId, grade, since, requestId, secondsAllowed } = speaker
  return {
    personId,
    name: nameOf(state, personId),
    grade,
    state: speaker.state,
    since,
    ...(requestId && { requestId }),
    ...(secondsAllowed && { secondsAllowed }),
  }
}

export function toInvitationView(state: ClassState, invitation: Invitation): InvitationView {
  const { invitationId, personId, grade, step, error, until, requestId } = invitation
  return {
    invitationId,
    personId,
    name: nameOf(state, personId),
    grade,
    step,
    until,
    ...(error && { error }),
    ...(requestId && { requestId }),
  }
}

export function toPersonView(person: Person): PersonView {
  const { personId, name, role, language, place, spoken } = person
  const since = place.at === 'waiting' ? { since: place.since } : {}
  return { personId, name, role, language, tier: tierOf(place), spoken, ...since }
}

export function toChatMessageView(state: ClassState, message: ChatMessage): ChatMessageView {
  return { ...message, name: nameOf(state, message.personId) }
}

export function toScreenView(state: ClassState, item: ScreenItem, audience: Audience): ScreenView {
  const { screenId, at, text, language, translations, from } = item
  const reads = languageOf(audience)
  const own = reads !== null && reads !== language ? translations[reads] : undefined
  const named = from && (audience === 'staff' || !from.anonymous)
  return {
    screenId,
    at,
    text,
    language,
    ...(reads === null && { translations }),
    ...(own !== undefined && reads !== null && { translation: { text: own, language: reads } }),
    ...(from && {
      from: { requestId: from.requestId, ...(named && { name: nameOf(state, from.personId) }) },
    }),
  }
}
