import type { Audience } from './audience'
import type { Fact, FactAmong } from './facts'
import { findInvitation } from './stage-facts'
import type { ClassState } from './state'
import { findRow } from './table'
import type { ViewFact, ViewFactBody } from './view'
import { toChatMessageView, toInvitationView, toRequestView, toScreenView, toSpeakerView } from './view-rows'

/** A fact as an audience may know it; null: it is not for them. RULES.md has the table. */
export function toView(
  fact: Fact,
  before: ClassState,
  after: ClassState,
  audience: Audience,
): ViewFact | null {
  if (audience === 'waiting' && !fact.type.startsWith('class.')) return null
  const body = toBody(fact, before, after, audience)
  return body && { seq: fact.seq, at: fact.at, ...body }
}

function toBody(fact: Fact, before: ClassState, after: ClassState, audience: Audience): ViewFactBody | null {
  switch (fact.type) {
    case 'class.created':
    case 'broadcast.standby':
      return null
    case 'class.started':
    case 'class.ended':
    case 'screen.cleared':
    case 'broadcast.stopped':
      return { type: fact.type }
    case 'class.quieted':
      return { type: fact.type, on: fact.on }
    case 'class.changed':
      return { type: fact.type, settings: fact.settings }
    case 'recording.deleted':
      return { type: fact.type }
    case 'broadcast.pictured': {
      const { type, main, aside, shownAt } = fact
      return { type, main, aside, shownAt }
    }
    case 'broadcast.run':
    case 'broadcast.started':
      return { type: fact.type, runId: fact.runId }
    case 'screen.shown': {
      if (!after.screen) return null
      const { at: _at, ...screen } = toScreenView(after, after.screen, audience)
      return { type: fact.type, ...screen }
    }
    case 'chat.sent': {
      const sent = after.chat.at(-1)
      if (sent?.messageId !== fact.messageId) return null
      const { at: _at, ...message } = toChatMessageView(after, sent)
      return { type: fact.type, ...message }
    }
    case 'chat.removed':
      return { type: fact.type, messageId: fact.messageId }
    case 'caption.said': {
      const name = findRow(after.people, fact.personId)?.name ?? ''
      return { type: fact.type, text: fact.text, language: fact.language, final: fact.final, name }
    }
    case 'stage.accepted': {
      const speaker = after.stage[fact.personId]
      if (!speaker) return null
      const invitation = audience === 'staff' ? { invitationId: fact.invitationId } : {}
      return { type: fact.type, ...invitation, ...toSpeakerView(after, speaker) }
    }
    case 'stage.joined':
      return { type: fact.type, personId: fact.personId }
    case 'stage.left':
      return { type: fact.type, personId: fact.personId, reason: fact.reason }
    case 'stage.pinned':
      return { type: fact.type, personId: fact.personId }
    case 'stage.timed':
      return { type: fact.type, personId: fact.personId, seconds: fact.seconds }
    case 'request.published':
    case 'request.withdrawn':
    case 'request.declined':
    case 'request.answered':
    case 'request.voted':
    case 'request.unvoted':
    case 'request.merged':
      return toRequestBody(fact, before, after, audience)
    default:
      return audience === 'staff' ? toStaffBody(fact, before, after) : null
  }
}

type RequestFact = FactAmong<
  | 'request.published'
  | 'request.withdrawn'
  | 'request.declined'
  | 'request.answered'
  | 'request.voted'
  | 'request.unvoted'
  | 'request.merged'
>

/** Students hear only of questions they have been shown. */
function toRequestBody(
  fact: RequestFact,
  before: ClassState,
  after: ClassState,
  audience: Audience,
): ViewFactBody | null {
  const { requestId } = fact
  const request = findRow(after.requests, requestId)
  if (!request) return null
  if (fact.type === 'request.published') {
    return { type: fact.type, ...toRequestView(after, request, audience) }
  }
  const shown = findRow(before.requests, requestId)?.published === true
  if (fact.type === 'request.merged') {
    const into = findRow(after.requests, fact.into)
    if (audience !== 'staff' && !shown && !into?.published) return null
    return { type: fact.type, requestId, into: fact.into, votes: into?.voteCount ?? 0 }
  }
  if (audience !== 'staff' && !shown) return null
  return fact.type === 'request.voted' || fact.type === 'request.unvoted'
    ? { type: fact.type, requestId, votes: request.voteCount }
    : { type: fact.type, requestId }
}

type StaffFact = Exclude<
  Fact,
  | RequestFact
  | {
      type:
        | `class.${string}`
        | `broadcast.${string}`
        | `recording.${string}`
        | `screen.${string}`
        | 'caption.said'
    }
>

function toStaffBody(fact: StaffFact, before: ClassState, after: ClassState): ViewFactBody | null {
  switch (fact.type) {
    case 'person.registered': {
      const { type, personId, name, role, language } = fact
      return { type, personId, name, role, language }
    }
    case 'person.joined': {
      const { type, personId, tier } = fact
      return { type, personId, tier }
    }
    case 'person.admitted':
    case 'person.denied':
      return { type: fact.type, personId: fact.personId }
    case 'person.left':
    case 'person.removed':
      return { type: fact.type, personId: fact.personId, ...(fact.reason && { reason: fact.reason }) }
    case 'person.changed':
      return { type: fact.type, personId: fact.personId, role: fact.role }
    case 'seat.taken':
      return { type: fact.type, personId: fact.personId }
    case 'seat.offered':
      return { type: fact.type, personId: fact.personId, until: fact.until }
    case 'seat.released':
    case 'seat.declined':
      return { type: fact.type, personId: fact.personId, reason: fact.reason }
    case 'request.made': {
      const request = findRow(after.requests, fact.requestId)
      return request ? { type: fact.type, ...toRequestView(after, request, 'staff') } : null
    }
    case 'stage.invited': {
      const invitation = findInvitation(after, fact.invitationId)
      return invitation ? { type: fact.type, ...toInvitationView(after, invitation) } : null
    }
    case 'stage.cancelled':
    case 'stage.declined': {
      const { type, invitationId } = fact
      const personId = findInvitation(before, invitationId)?.personId ?? ''
      return { type, invitationId, personId, ...(type === 'stage.cancelled' && { reason: fact.reason }) }
    }
    case 'stage.progressed': {
      const { type, invitationId, step, error } = fact
      const until = findInvitation(after, invitationId)?.until ?? fact.at
      return { type, invitationId, step, until, ...(error && { error }) }
    }
    case 'stage.muted':
      return { type: fact.type, personId: fact.personId }
    case 'chat.muted':
      return { type: fact.type, personId: fact.personId, until: fact.until }
    default:
      return null
  }
}
