import { actsAsStaff, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Context, type Decision, refuse } from './decision'
import type { FactBody } from './facts'
import { isStaff, type Person } from './people'
import { findHand, isClosed } from './requests'
import type { ClassState, Invitation } from './state'
import { findRow } from './table'

/** To notice the dialog, read it and answer. */
export const INVITATION_MS = 60_000
/** To find the headset, choose it and allow the browser to use it: from the last step they took. */
export const CHECKING_MS = 120_000
/** Signalling, ICE over TURN and the first packet on a bad link take up to 15 s; then twice that. */
export const CONNECTING_MS = 30_000

type StageCommand = CommandOf<
  | 'stage:invite'
  | 'stage:cancel'
  | 'stage:progress'
  | 'stage:accept'
  | 'stage:decline'
  | 'stage:leave'
  | 'stage:remove'
  | 'stage:mute'
  | 'stage:pin'
  | 'stage:time'
  | 'stage:seen'
>

export function decideStage(state: ClassState, by: By, command: StageCommand, context: Context): Decision {
  switch (command.name) {
    case 'stage:progress':
    case 'stage:accept':
    case 'stage:decline':
      return by.kind === 'person' ? answer(state, by.person, command, context) : refuse('not_allowed')
    case 'stage:leave':
      if (by.kind !== 'person') return refuse('not_allowed')
      return accept(...leaveStage(state, by.person.personId, 'left'))
    case 'stage:seen':
      return by.kind === 'system' ? seen(state, command) : refuse('not_allowed')
    default:
      return actsAsStaff(by) ? decideByStaff(state, command, context) : refuse('not_allowed')
  }
}

type Answer = CommandOf<'stage:progress' | 'stage:accept' | 'stage:decline'>

function answer(state: ClassState, person: Person, command: Answer, context: Context): Decision {
  const invitation = state.invitations[person.personId]
  if (invitation?.invitationId !== command.invitationId) return refuse('unknown_invitation')
  const { invitationId, grade } = invitation
  switch (command.name) {
    case 'stage:progress':
      if (invitation.step === command.step) return accept()
      return accept({
        type: 'stage.progressed',
        invitationId,
        step: command.step,
        ...(command.error && { error: command.error }),
      })
    case 'stage:decline':
      return accept({ type: 'stage.declined', invitationId })
    case 'stage:accept': {
      const until = Math.max(context.now, state.at) + CONNECTING_MS
      return accept({ type: 'stage.accepted', invitationId, personId: person.personId, grade, until })
    }
  }
}

type StaffCommand = Exclude<StageCommand, Answer | CommandOf<'stage:leave' | 'stage:seen'>>

function decideByStaff(state: ClassState, command: StaffCommand, context: Context): Decision {
  switch (command.name) {
    case 'stage:invite':
      return invite(state, command, context)
    case 'stage:cancel': {
      const { invitationId } = command
      const open = Object.values(state.invitations).some((i) => i.invitationId === invitationId)
      if (!open) return refuse('unknown_invitation')
      return accept({ type: 'stage.cancelled', invitationId, reason: 'cancelled' })
    }
    case 'stage:remove':
      if (!Object.hasOwn(state.stage, command.personId)) return refuse('not_on_stage')
      return accept(...leaveStage(state, command.personId, 'removed'))
    case 'stage:mute':
      if (!mayBeOnStage(state, command.personId)) return refuse('not_on_stage')
      return accept({ type: 'stage.muted', personId: command.personId })
    case 'stage:pin': {
      const { personId } = command
      if (personId === state.pinned) return accept()
      if (personId !== null && !mayBeOnStage(state, personId)) return refuse('not_on_stage')
      return accept({ type: 'stage.pinned', personId })
    }
    case 'stage:time': {
      const { personId, seconds } = command
      if (!Object.hasOwn(state.stage, personId)) return refuse('not_on_stage')
      return accept({ type: 'stage.timed', personId, seconds })
    }
  }
}

function mayBeOnStage(state: ClassState, personId: string): boolean {
  const person = findRow(state.people, personId)
  return Object.hasOwn(state.stage, personId) || (person !== undefined && isStaff(person))
}

function invite(state: ClassState, command: CommandOf<'stage:invite'>, context: Context): Decision {
  if (state.phase !== 'live') return refuse(state.phase === 'ended' ? 'class_ended' : 'class_not_live')
  const person = findRow(state.people, command.personId)
  if (!person) return refuse('unknown_person')
  if (isStaff(person)) return refuse('already_on_stage')
  if (person.place.at !== 'seat' && person.place.at !== 'overflow') return refuse('unknown_person')
  const { personId } = person
  if (Object.hasOwn(state.stage, personId)) return refuse('already_on_stage')
  if (Object.hasOwn(state.invitations, personId)) return refuse('already_invited')
  const taken = Object.keys(state.stage).length + Object.keys(state.invitations).length
  if (taken >= state.settings.stageLimit) return refuse('stage_full')
  const request = command.requestId ? findRow(state.requests, command.requestId) : findHand(state, personId)
  if (command.requestId && request?.personId !== personId) return refuse('unknown_request')
  const requestId = request && !isClosed(request) ? request.requestId : undefined
  return accept({
    type: 'stage.invited',
    invitationId: context.newId('inv'),
    personId,
    grade: command.grade,
    ...(requestId && { requestId }),
    until: Math.max(context.now, state.at) + INVITATION_MS,
  })
}

function seen(state: ClassState, command: CommandOf<'stage:seen'>): Decision {
  const speaker = state.stage[command.personId]
  if (!speaker) return accept()
  if (!command.present) return accept(...leaveStage(state, command.personId, 'gone'))
  return speaker.state === 'live' ? accept() : accept({ type: 'stage.joined', personId: command.personId })
}

type LeftReason = Extract<FactBody, { type: 'stage.left' }>['reason']
export function leaveStage(state: ClassState, personId: string, reason: LeftReason): FactBody[] {
  return Object.hasOwn(state.stage, personId) ? [{ type: 'stage.left', personId, reason }] : []
}

/** Invitations and speakers on their way whose time is over at `now`. */
export function expireStage(state: ClassState, now: number): FactBody[] {
  const over = Object.values(state.invitations).filter((i: Invitation) => i.until <= now)
  const late = Object.values(state.stage).filter((s) => s.state === 'connecting' && s.until <= now)
  return [
    ...over.map(
      (i) => ({ type: 'stage.cancelled', invitationId: i.invitationId, reason: 'expired' }) as const,
    ),
    ...late.flatMap((s) => leaveStage(state, s.personId, 'failed')),
  ]
}
