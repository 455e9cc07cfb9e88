import type { FactAmong } from './facts'
import { withPerson } from './placement'
import { withAnswered, withHandStatus } from './request-facts'
import { CHECKING_MS } from './stage'
import type { ClassState, Invitation } from './state'
import { findRow } from './table'

type StageFact = FactAmong<
  | 'stage.invited'
  | 'stage.cancelled'
  | 'stage.progressed'
  | 'stage.accepted'
  | 'stage.declined'
  | 'stage.joined'
  | 'stage.left'
  | 'stage.muted'
  | 'stage.pinned'
  | 'stage.timed'
>

export function evolveStage(state: ClassState, fact: StageFact): ClassState {
  switch (fact.type) {
    case 'stage.invited': {
      const { invitationId, personId, grade, requestId, until } = fact
      const invitation: Invitation = {
        invitationId,
        personId,
        grade,
        step: 'invited',
        until,
        ...(requestId && { requestId }),
      }
      const approved = withHandStatus(state, requestId, 'approved')
      return { ...approved, invitations: { ...approved.invitations, [personId]: invitation } }
    }
    case 'stage.cancelled':
    case 'stage.declined': {
      const invitation = findInvitation(state, fact.invitationId)
      if (!invitation) return state
      const status = fact.type === 'stage.declined' ? 'declined' : 'pending'
      return withHandStatus(withoutInvitation(state, invitation), invitation.requestId, status)
    }
    case 'stage.progressed': {
      const invitation = findInvitation(state, fact.invitationId)
      if (!invitation) return state
      const { error: _old, ...rest } = invitation
      const until = Math.max(invitation.until, fact.at + CHECKING_MS)
      const moved: Invitation = { ...rest, step: fact.step, until, ...(fact.error && { error: fact.error }) }
      return { ...state, invitations: { ...state.invitations, [invitation.personId]: moved } }
    }
    case 'stage.accepted':
      return accepted(state, fact)
    case 'stage.joined':
      return joined(state, fact)
    case 'stage.left':
      return left(state, fact.personId)
    case 'stage.muted':
      return state
    case 'stage.pinned':
      return { ...state, pinned: fact.personId }
    case 'stage.timed': {
      const speaker = state.stage[fact.personId]
      if (!speaker) return state
      const timed = { ...speaker, secondsAllowed: fact.seconds }
      return { ...state, stage: { ...state.stage, [fact.personId]: timed } }
    }
  }
}

export function findInvitation(state: ClassState, invitationId: string): Invitation | undefined {
  return Object.values(state.invitations).find((i) => i.invitationId === invitationId)
}

function withoutInvitation(state: ClassState, invitation: Invitation): ClassState {
  const { [invitation.personId]: _gone, ...invitations } = state.invitations
  return { ...state, invitations }
}

function accepted(state: ClassState, fact: FactAmong<'stage.accepted'>): ClassState {
  const { personId, grade, until } = fact
  const invitation = findInvitation(state, fact.invitationId)
  const without = invitation ? withoutInvitation(state, invitation) : state
  const requestId = invitation?.requestId
  const speaker = {
    personId,
    grade,
    since: fact.at,
    state: 'connecting',
    until,
    ...(requestId && { requestId }),
  } as const
  return { ...without, stage: { ...without.stage, [personId]: speaker } }
}

function joined(state: ClassState, fact: FactAmong<'stage.joined'>): ClassState {
  const speaker = state.stage[fact.personId]
  if (!speaker) return state
  const { personId, grade, requestId, secondsAllowed } = speaker
  const live = {
    personId,
    grade,
    since: fact.at,
    state: 'live',
    ...(requestId && { requestId }),
    ...(secondsAllowed && { secondsAllowed }),
  } as const
  return { ...state, stage: { ...state.stage, [personId]: live } }
}

function left(state: ClassState, personId: string): ClassState {
  const speaker = state.stage[personId]
  if (!speaker) return state
  const { [personId]: _gone, ...stage } = state.stage
  const pinned = state.pinned === personId ? null : state.pinned
  const down = { ...state, stage, pinned }
  // Who never got a connection has not been heard: their hand goes back up, at its old place in the line.
  if (speaker.state === 'connecting') return withHandStatus(down, speaker.requestId, 'pending')
  const spoken = (findRow(state.people, personId)?.spoken ?? 0) + 1
  return withAnswered(withPerson(down, personId, { spoken }), speaker.requestId)
}
