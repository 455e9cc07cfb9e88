import { actsAsStaff, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Context, type Decision, refuse } from './decision'
import type { FactAmong } from './facts'
import { isInClass, withPerson } from './placement'
import type { ClassState } from './state'
import { findRow } from './table'

/** What a late joiner reads back: two screens of a phone, and a snapshot stays small. */
export const CHAT_KEPT = 100
/** In slow mode a hundred writers make ten messages a second: the most that can still be read by some. */
export const SLOW_CHAT_EVERY_MS = 10_000

type ChatCommand = CommandOf<'chat:send' | 'chat:remove' | 'chat:mute' | 'caption:say'>

export function decideChat(state: ClassState, by: By, command: ChatCommand, context: Context): Decision {
  if (command.name === 'chat:send') return send(state, by, command.text, context)
  if (!actsAsStaff(by)) return refuse('not_allowed')
  switch (command.name) {
    case 'chat:remove': {
      const { messageId } = command
      const known = state.chat.some((m) => m.messageId === messageId)
      return known ? accept({ type: 'chat.removed', messageId }) : refuse('unknown_message')
    }
    case 'chat:mute': {
      const { personId, minutes } = command
      if (findRow(state.people, personId)?.role !== 'student') return refuse('unknown_person')
      const until = Math.max(context.now, state.at) + minutes * 60_000
      return accept({ type: 'chat.muted', personId, until })
    }
    case 'caption:say': {
      if (by.kind !== 'person') return refuse('not_allowed')
      const { text, language, final } = command
      return accept({ type: 'caption.said', personId: by.person.personId, text, language, final })
    }
  }
}

function send(state: ClassState, by: By, text: string, context: Context): Decision {
  if (by.kind !== 'person') return refuse('not_allowed')
  const { person } = by
  const sent = accept({ type: 'chat.sent', messageId: context.newId('msg'), personId: person.personId, text })
  if (!isInClass(person)) return refuse('not_in_class')
  if (by.staff) return sent
  if (state.quiet) return refuse('quiet')
  if (state.settings.chat === 'off') return refuse('chat_off')
  const now = Math.max(context.now, state.at)
  if ((person.chatMutedUntil ?? 0) > now) return refuse('chat_muted')
  const waitMs = (person.lastChatAt ?? Number.NEGATIVE_INFINITY) + SLOW_CHAT_EVERY_MS - now
  return state.settings.chat === 'slow' && waitMs > 0 ? refuse('rate_limited', waitMs) : sent
}

type ChatFact = FactAmong<'chat.sent' | 'chat.removed' | 'chat.muted' | 'caption.said'>

export function evolveChat(state: ClassState, fact: ChatFact): ClassState {
  switch (fact.type) {
    case 'chat.sent': {
      const { messageId, personId, text, at } = fact
      const role = findRow(state.people, personId)?.role ?? 'student'
      const chat = [...state.chat, { messageId, personId, role, text, at }].slice(-CHAT_KEPT)
      return withPerson({ ...state, chat }, personId, { lastChatAt: at })
    }
    case 'chat.removed':
      return { ...state, chat: state.chat.filter((m) => m.messageId !== fact.messageId) }
    case 'chat.muted':
      return withPerson(state, fact.personId, { chatMutedUntil: fact.until })
    case 'caption.said':
      return state
  }
}
