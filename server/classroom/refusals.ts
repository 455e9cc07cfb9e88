/** Every way in which a class says no. A refusal is an expected answer, never a fault. */
export const refusalCodes = [
  'not_allowed',
  'not_in_class',
  'removed',
  'class_not_live',
  'class_ended',
  'class_not_ended',
  'class_locked',
  'class_full',
  'unknown_person',
  'unknown_request',
  'unknown_invitation',
  'unknown_offer',
  'unknown_message',
  'already_raised',
  'already_invited',
  'already_on_stage',
  'not_on_stage',
  'stage_full',
  'no_free_seat',
  'request_closed',
  'rate_limited',
  'quiet',
  'chat_off',
  'chat_muted',
  'too_many',
  'stale_run',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

export type Refusal = { code: RefusalCode; message: string; retryable: boolean; retryAfterMs?: number }

/** The words say what the person can do about it. */
const words: Record<RefusalCode, string> = {
  not_allowed: 'You are not allowed to do this in this class.',
  not_in_class: 'Join the class first.',
  removed: 'You were removed from this class.',
  class_not_live: 'The class has not started yet.',
  class_ended: 'The class has ended.',
  class_not_ended: 'The class goes on: end it first.',
  class_locked: 'The teacher has locked the class: nobody new can enter.',
  class_full: 'So many people have been in this class that nobody new can enter.',
  unknown_person: 'This person is not in the class.',
  unknown_request: 'This request does not exist any more.',
  unknown_invitation: 'This invitation is no longer open.',
  unknown_offer: 'This seat is no longer offered to you.',
  unknown_message: 'This message does not exist any more.',
  already_raised: 'Your hand is raised already.',
  already_invited: 'This person has an open invitation already.',
  already_on_stage: 'This person is on the stage already.',
  not_on_stage: 'This person is not on the stage.',
  stage_full: 'The stage is full: somebody has to leave it first.',
  no_free_seat: 'There is no free seat.',
  request_closed: 'This request is closed already.',
  rate_limited: 'You asked a moment ago: please wait before you ask again.',
  quiet: 'The teacher has paused hands, questions and chat.',
  chat_off: 'The chat is switched off.',
  chat_muted: 'You cannot write in the chat at the moment.',
  too_many: 'There are too many of these in this class already.',
  stale_run: 'This run of the broadcast is not the current one.',
}

export function refuse(code: RefusalCode, retryAfterMs?: number): { ok: false; refusal: Refusal } {
  const retryable = retryAfterMs !== undefined
  return { ok: false, refusal: { code, message: words[code], retryable, ...(retryable && { retryAfterMs }) } }
}
