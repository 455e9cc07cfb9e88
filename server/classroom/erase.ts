import { withdrawFrom } from './admission'
import { accept, type Decision } from './decision'
import type { Fact, FactBody, FactType } from './facts'
import type { Chapter, ClassState, Invitation, Request } from './state'
import { filterRows, findRow, withRow } from './table'

/** What stands where a name stood: readers may show their own words for it. */
export const ERASED_NAME = 'Erased person'
/** What stands where free text stood. */
const ERASED_TEXT = ''

type TextField = 'name' | 'text' | 'translations' | 'reason' | 'error'

/** The schema's mark: fields that hold what somebody wrote or is called. Everything else names people by id only. */
const textFields: Partial<Record<FactType, readonly TextField[]>> = {
  'person.registered': ['name'],
  'person.removed': ['reason'],
  'request.made': ['text'],
  'stage.progressed': ['error'],
  'screen.shown': ['text', 'translations'],
  'chat.sent': ['text'],
  'caption.said': ['text'],
}

export const erasableTypes = Object.keys(textFields) as FactType[]

/**
 * What is left of a fact when a person is erased: all but their name and their words, and words about them. Applied
 * before `evolve` it gives the state that `eraseState` gives after.
 */
export function eraseFact(fact: Fact, personId: string): Fact {
  const fields = textFields[fact.type]?.filter((field) => field in fact)
  if (!fields?.length || !isOf(fact, personId)) return fact
  return { ...fact, ...Object.fromEntries(fields.map((field) => [field, tombstones[field]])) } as Fact
}

const tombstones: Record<TextField, unknown> = {
  name: ERASED_NAME,
  text: ERASED_TEXT,
  translations: {},
  reason: ERASED_TEXT,
  error: ERASED_TEXT,
}

/** A question on screen is its asker's, whoever put it there. */
function isOf(fact: Fact, personId: string): boolean {
  if (fact.type === 'screen.shown' && fact.from) return fact.from.personId === personId
  if (fact.cause?.personId === personId) return true
  return 'personId' in fact && fact.personId === personId
}

/** The same object if nothing of the person is in it. */
export function eraseState(state: ClassState, personId: string): ClassState {
  return [eraseName, eraseRequests, eraseChat, eraseScreen, eraseChapters, eraseInvitation].reduce(
    (erased, step) => step(erased, personId),
    state,
  )
}

function eraseName(state: ClassState, personId: string): ClassState {
  const person = findRow(state.people, personId)
  if (!person || person.name === ERASED_NAME) return state
  return { ...state, people: withRow(state.people, personId, { ...person, name: ERASED_NAME }) }
}

function eraseRequests(state: ClassState, personId: string): ClassState {
  const theirs = filterRows(state.requests, (r) => r.personId === personId && r.text !== undefined)
  if (theirs.length === 0) return state
  const erased = theirs.map(({ text: _gone, ...rest }): Request => rest)
  return { ...state, requests: erased.reduce((all, r) => withRow(all, r.requestId, r), state.requests) }
}

function eraseChat(state: ClassState, personId: string): ClassState {
  const isTheirs = (m: ClassState['chat'][number]) => m.personId === personId && m.text !== ERASED_TEXT
  if (!state.chat.some(isTheirs)) return state
  return { ...state, chat: state.chat.map((m) => (isTheirs(m) ? { ...m, text: ERASED_TEXT } : m)) }
}

function eraseScreen(state: ClassState, personId: string): ClassState {
  const { screen } = state
  if (screen?.from?.personId !== personId || screen.text === ERASED_TEXT) return state
  return { ...state, screen: { ...screen, text: ERASED_TEXT, translations: {} } }
}

function eraseChapters(state: ClassState, personId: string): ClassState {
  const isTheirs = (c: Chapter) => c.kind === 'screen' && c.by === personId && c.text !== ERASED_TEXT
  if (!state.chapters.some(isTheirs)) return state
  return { ...state, chapters: state.chapters.map((c) => (isTheirs(c) ? { ...c, text: ERASED_TEXT } : c)) }
}

function eraseInvitation(state: ClassState, personId: string): ClassState {
  const invitation = state.invitations[personId]
  if (!invitation?.error) return state
  const { error: _gone, ...rest } = invitation
  return { ...state, invitations: { ...state.invitations, [personId]: rest satisfies Invitation } }
}

/**
 * What happens before the log is rewritten: they go for good (a class keeps its teacher), and what they wrote is taken
 * from everybody's screen.
 */
export function decideErase(state: ClassState, personId: string): Decision {
  const person = findRow(state.people, personId)
  if (!person) return accept()
  const { screen } = state
  // Who composed a text is in no state: a member of staff takes along what stands there.
  const onScreen = screen && (screen.from ? screen.from.personId === personId : person.role !== 'student')
  const messages = state.chat.filter((m) => m.personId === personId)
  const asked = filterRows(state.requests, (r) => r.personId === personId && r.status === 'pending')
  const goes = person.role !== 'teacher' && person.place.at !== 'removed'
  const left = goes ? withdrawFrom(state, person) : []
  const withdrawn = new Set(
    left.flatMap((fact) => (fact.type === 'request.withdrawn' ? [fact.requestId] : [])),
  )
  return accept(
    ...left,
    ...asked
      .filter(({ requestId }) => !withdrawn.has(requestId))
      .map(({ requestId }): FactBody => ({ type: 'request.withdrawn', requestId, by: 'staff' })),
    ...messages.map(({ messageId }): FactBody => ({ type: 'chat.removed', messageId })),
    ...(onScreen ? [{ type: 'screen.cleared' } as const] : []),
    ...(goes ? [{ type: 'person.removed', personId } as const] : []),
  )
}
