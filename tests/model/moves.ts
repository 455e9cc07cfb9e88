import fc from 'fast-check'
import type { PersonCommand } from '../../server/classroom/commands'
import type { ClassState } from '../../server/classroom/state'
import { findRow, rowsOf } from '../../server/classroom/table'

/** Numbers that pick among what exists when the move is made, so that most commands meet something real. */
export type Move = {
  what: number
  pick: number
  other: number
  /** Any of the people, rather than one who may. */
  anyone: boolean
  /** Sent at the same time through the person's other device as well. */
  twice: boolean
  /** Sent once more after its answer. */
  again: boolean
}

export const moves = (min: number, max: number) =>
  fc.array(
    fc.record<Move>({
      what: fc.nat(1000),
      pick: fc.nat(50),
      other: fc.nat(50),
      anyone: fc.nat(7).map((n) => n === 0),
      twice: fc.nat(3).map((n) => n === 0),
      again: fc.nat(3).map((n) => n === 0),
    }),
    { minLength: min, maxLength: max },
  )

export type Making = { personId: string; command: PersonCommand }

/** Who sends what. `people`: the teacher, the assistant, then students. */
export function toMaking(state: ClassState, people: readonly string[], move: Move): Making {
  const { pick, other } = move
  const [teacher = '', , ...students] = people
  const someone = pickFrom(people, pick) ?? ''
  const student = pickFrom(students, pick) ?? ''
  const request = pickFrom([...rowsOf(state.requests)], pick)
  const requestId = request?.requestId ?? 'req_0'
  const invitation = pickFrom(Object.values(state.invitations), pick)
  const invitationId = invitation?.invitationId ?? 'inv_0'
  const invited = invitation?.personId ?? student
  const [offered = student, offer] = pickFrom(Object.entries(state.offers), pick) ?? []
  const offerId = offer?.offerId ?? 'off_0'
  const speaker = pickFrom(Object.keys(state.stage), pick) ?? student
  const messageId = pickFrom([...state.chat], pick)?.messageId ?? 'msg_0'
  const flag = other % 2 === 0
  const text = `words ${pick} ${other}`
  const staff = pickFrom(people.slice(0, 2), other) ?? teacher
  const makings: [personId: string, command: PersonCommand][] = [
    [someone, { name: 'chat:send', text }],
    [someone, { name: 'chat:send', text }],
    [someone, { name: 'chat:send', text }],
    [staff, { name: 'chat:remove', messageId }],
    [staff, { name: 'chat:mute', personId: student, minutes: flag ? 1 : 0 }],
    [student, { name: 'hand:raise', ...(flag && { text }) }],
    [student, { name: 'question:ask', text, anonymous: flag, language: 'de' }],
    [request?.personId ?? student, { name: 'request:withdraw', requestId }],
    [student, { name: 'request:vote', requestId }],
    [student, { name: 'request:unvote', requestId }],
    [staff, { name: 'request:publish', requestId }],
    [staff, { name: 'request:decline', requestId }],
    [staff, { name: 'request:answer', requestId }],
    [staff, { name: 'hand:lower-all' }],
    [staff, { name: 'stage:invite', personId: student, grade: flag ? 'video' : 'audio' }],
    [staff, { name: 'stage:cancel', invitationId }],
    [invited, { name: 'stage:progress', invitationId, step: flag ? 'checking' : 'ready' }],
    [invited, { name: 'stage:accept', invitationId }],
    [invited, { name: 'stage:decline', invitationId }],
    [speaker, { name: 'stage:leave' }],
    [staff, { name: 'stage:remove', personId: speaker }],
    [staff, { name: 'stage:pin', personId: flag ? speaker : null }],
    [staff, { name: 'stage:time', personId: speaker, seconds: 60 }],
    [staff, { name: 'screen:show', text, language: 'en', translations: { de: 'Hallo' } }],
    [staff, { name: 'screen:show', requestId }],
    [staff, { name: 'screen:clear' }],
    [offered, { name: 'seat:accept', offerId }],
    [offered, { name: 'seat:decline', offerId }],
    [student, { name: 'seat:want', want: flag }],
    [student, { name: 'seat:release' }],
    [staff, { name: 'seat:give', personId: student }],
    [staff, { name: 'seat:take', personId: student }],
    [staff, { name: 'person:admit', all: true }],
    [teacher, { name: 'person:role', personId: student, role: flag ? 'assistant' : 'student' }],
    [staff, { name: 'caption:say', text, language: 'en', final: flag }],
    [staff, { name: 'class:quiet', on: flag }],
    [teacher, { name: 'class:settings', seats: pick % 4, chat: flag ? 'open' : 'slow' }],
    [teacher, { name: 'class:settings', lobby: other % 5 === 0, approveQuestions: flag }],
    [student, { name: 'person:leave' }],
  ]
  const [personId, command] = pickFrom(makings, move.what) ?? [teacher, { name: 'screen:clear' }]
  return { personId: move.anyone && command.name !== 'person:leave' ? someone : personId, command }
}

function pickFrom<T>(items: readonly T[], n: number): T | undefined {
  return items[n % Math.max(1, items.length)]
}

/** In the class, so that a device of theirs should be connected. */
export function isInside(state: ClassState, personId: string): boolean {
  const at = findRow(state.people, personId)?.place.at
  return at !== undefined && at !== 'outside' && at !== 'removed'
}
