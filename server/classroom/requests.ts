import { actsAsStaff, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Context, type Decision, refuse } from './decision'
import type { FactBody } from './facts'
import type { Person } from './people'
import { isInClass } from './placement'
import type { ClassState, Request } from './state'
import { filterRows, findRow } from './table'

/** One a minute keeps a list readable that a thousand people write to. */
export const REQUEST_EVERY_MS = 60_000
/** The broadcast may be this late at most for the fair order: nobody gains more by claiming an older moment. */
const MAX_SEEN_DELAY_MS = 10_000
/** More open requests than a teacher could meet in a term; a bound for memory, not for people. */
const MAX_OPEN_REQUESTS = 5_000

type RequestCommand = CommandOf<
  | 'hand:raise'
  | 'question:ask'
  | 'hand:lower-all'
  | 'request:withdraw'
  | 'request:vote'
  | 'request:unvote'
  | 'request:publish'
  | 'request:decline'
  | 'request:answer'
  | 'request:merge'
>

export function decideRequests(
  state: ClassState,
  by: By,
  command: RequestCommand,
  context: Context,
): Decision {
  switch (command.name) {
    case 'hand:raise':
    case 'question:ask':
      return by.kind === 'person' ? make(state, by.person, command, context) : refuse('not_allowed')
    case 'hand:lower-all': {
      if (!actsAsStaff(by)) return refuse('not_allowed')
      const hands = filterRows(state.requests, (r) => r.kind === 'voice' && r.status === 'pending')
      return accept(
        ...hands.map((r) => ({ type: 'request.withdrawn', requestId: r.requestId, by: 'staff' }) as const),
      )
    }
    default: {
      const request = findRow(state.requests, command.requestId)
      return request ? decideOn(state, by, command, request) : refuse('unknown_request')
    }
  }
}

type MakeCommand = CommandOf<'hand:raise' | 'question:ask'>

function make(state: ClassState, person: Person, command: MakeCommand, context: Context): Decision {
  if (person.role !== 'student') return refuse('not_allowed')
  if (state.phase !== 'live') return refuse('class_not_live')
  if (person.place.at !== 'seat' && person.place.at !== 'overflow') return refuse('not_in_class')
  if (state.quiet) return refuse('quiet')
  const kind = command.name === 'hand:raise' ? 'voice' : 'text'
  if (kind === 'voice') {
    if (Object.hasOwn(state.stage, person.personId)) return refuse('already_on_stage')
    if (findHand(state, person.personId)) return refuse('already_raised')
  }
  const now = Math.max(context.now, state.at)
  const waitMs = (person.lastRequestAt ?? Number.NEGATIVE_INFINITY) + REQUEST_EVERY_MS - now
  if (waitMs > 0) return refuse('rate_limited', waitMs)
  if (state.pendingRequests >= MAX_OPEN_REQUESTS) return refuse('too_many')
  const requestId = context.newId('req')
  const made: FactBody = {
    type: 'request.made',
    requestId,
    kind,
    personId: person.personId,
    ...(command.text && { text: command.text }),
    language: command.language ?? person.language,
    anonymous: command.name === 'question:ask' && command.anonymous === true,
    order: toOrder(person, command.sawAt, now),
  }
  const shown = kind === 'text' && !state.settings.approveQuestions
  return shown ? accept(made, { type: 'request.published', requestId }) : accept(made)
}

/** When they saw what they react to. In a seat that is now; behind a broadcast it is earlier, within a bound. */
function toOrder(person: Person, sawAt: number | undefined, now: number): number {
  if (person.place.at !== 'overflow' || sawAt === undefined) return now
  return Math.min(now, Math.max(sawAt, now - MAX_SEEN_DELAY_MS))
}

/** Raised, or approved by an invitation: not closed yet. */
export function findHand(state: ClassState, personId: string): Request | undefined {
  const requestId = findRow(state.hands, personId)
  return requestId === undefined ? undefined : findRow(state.requests, requestId)
}

export function findVotes(state: ClassState, personId: string): readonly string[] {
  return findRow(state.votes, personId)?.requestIds ?? []
}

/** Looks at every voter: for the rare moment in which questions become one. */
export function votersOf(state: ClassState, requestId: string): string[] {
  return filterRows(state.votes, ({ requestIds }) => requestIds.includes(requestId)).map((v) => v.personId)
}

type OnRequest = Exclude<RequestCommand, CommandOf<'hand:raise' | 'question:ask' | 'hand:lower-all'>>

function decideOn(state: ClassState, by: By, command: OnRequest, request: Request): Decision {
  const { requestId } = request
  switch (command.name) {
    case 'request:withdraw': {
      if (by.kind !== 'person' || by.person.personId !== request.personId) return refuse('not_allowed')
      if (request.status === 'withdrawn') return accept()
      if (request.status !== 'pending') return refuse('request_closed')
      return accept({ type: 'request.withdrawn', requestId, by: 'owner' })
    }
    case 'request:vote':
    case 'request:unvote':
      return decideVote(state, by, command, request)
    default:
      if (!actsAsStaff(by)) return refuse('not_allowed')
      return decideByStaff(state, command, request)
  }
}

function decideVote(state: ClassState, by: By, command: OnRequest, request: Request): Decision {
  if (by.kind !== 'person' || by.person.role !== 'student') return refuse('not_allowed')
  if (!isInClass(by.person)) return refuse('not_in_class')
  if (!request.published) return refuse('unknown_request')
  if (isClosed(request)) return refuse('request_closed')
  const { requestId } = request
  const { personId } = by.person
  const voted = findVotes(state, personId).includes(requestId)
  if (voted === (command.name === 'request:vote')) return accept()
  return accept({ type: voted ? 'request.unvoted' : 'request.voted', requestId, personId })
}

type StaffCommand = CommandOf<'request:publish' | 'request:decline' | 'request:answer' | 'request:merge'>

function decideByStaff(state: ClassState, command: StaffCommand, request: Request): Decision {
  const { requestId } = request
  if (isClosed(request)) return refuse('request_closed')
  switch (command.name) {
    case 'request:publish':
      // A hand is a wish to speak: only a question has words for everybody.
      if (request.kind !== 'text') return refuse('not_allowed')
      return request.published ? accept() : accept({ type: 'request.published', requestId })
    case 'request:decline':
      return accept({ type: 'request.declined', requestId })
    case 'request:answer':
      return accept({ type: 'request.answered', requestId })
    case 'request:merge': {
      const into = findRow(state.requests, command.into)
      if (!into || into.requestId === requestId || into.kind !== 'text' || request.kind !== 'text') {
        return refuse('unknown_request')
      }
      if (isClosed(into)) return refuse('request_closed')
      return accept({ type: 'request.merged', requestId, into: into.requestId } satisfies FactBody)
    }
  }
}

export function isClosed(request: Pick<Request, 'status'>): boolean {
  return request.status === 'declined' || request.status === 'answered' || request.status === 'withdrawn'
}
