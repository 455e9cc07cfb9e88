import { actsAsStaff, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Context, type Decision, refuse } from './decision'
import type { FactAmong } from './facts'
import type { ClassState } from './state'
import { findRow } from './table'

type ScreenCommand = CommandOf<'screen:show' | 'screen:clear'>

export function decideScreen(state: ClassState, by: By, command: ScreenCommand, context: Context): Decision {
  if (!actsAsStaff(by)) return refuse('not_allowed')
  if (command.name === 'screen:clear') return state.screen ? accept({ type: 'screen.cleared' }) : accept()
  const request = command.requestId === undefined ? undefined : findRow(state.requests, command.requestId)
  if (command.requestId !== undefined && !request) return refuse('unknown_request')
  const text = command.text ?? request?.text
  if (!text) return refuse('unknown_request')
  return accept({
    type: 'screen.shown',
    screenId: context.newId('scr'),
    text,
    language: command.language ?? request?.language ?? state.settings.languages[0] ?? 'en',
    translations: command.translations ?? {},
    ...(request && {
      from: { requestId: request.requestId, personId: request.personId, anonymous: request.anonymous },
    }),
  })
}

export function evolveScreen(
  state: ClassState,
  fact: FactAmong<'screen.shown' | 'screen.cleared'>,
): ClassState {
  if (fact.type === 'screen.cleared') return { ...state, screen: null }
  const { screenId, text, language, translations, from, at } = fact
  return { ...state, screen: { screenId, text, language, translations, at, ...(from && { from }) } }
}
