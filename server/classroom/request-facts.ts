import type { FactAmong } from './facts'
import { withPerson } from './placement'
import { findVotes, isClosed, votersOf } from './requests'
import type { ClassState, Request, RequestStatus, Votes } from './state'
import { findRow, withoutRow, withRow } from './table'

type RequestFact = FactAmong<
  | 'request.made'
  | 'request.withdrawn'
  | 'request.voted'
  | 'request.unvoted'
  | 'request.published'
  | 'request.declined'
  | 'request.answered'
  | 'request.merged'
>

export function evolveRequests(state: ClassState, fact: RequestFact): ClassState {
  if (fact.type === 'request.made') return made(state, fact)
  const request = findRow(state.requests, fact.requestId)
  if (!request) return state
  switch (fact.type) {
    case 'request.withdrawn':
      return withStatus(state, request, 'withdrawn')
    case 'request.declined':
      return withStatus(state, request, 'declined')
    case 'request.answered':
      return withStatus(state, request, 'answered')
    case 'request.published':
      return withStatus(state, { ...request, published: true }, 'approved')
    case 'request.voted':
      return withVote(state, fact.personId, fact.requestId)
    case 'request.unvoted':
      return withoutVote(state, fact.personId, fact.requestId)
    case 'request.merged': {
      const closed = withStatus(state, { ...request, mergedInto: fact.into }, 'answered')
      return votersOf(state, fact.requestId).reduce((s, voter) => withVote(s, voter, fact.into), closed)
    }
  }
}

function made(state: ClassState, fact: FactAmong<'request.made'>): ClassState {
  const { requestId, kind, personId, text, language, anonymous, order } = fact
  const request: Request = {
    requestId,
    kind,
    personId,
    ...(text && { text }),
    ...(language && { language }),
    anonymous,
    status: 'pending',
    published: false,
    madeAt: fact.at,
    order,
    voteCount: 0,
  }
  const asked = withPerson(state, personId, { lastRequestAt: fact.at })
  return withStatus(asked, request, 'pending')
}

function toHands({ hands }: ClassState, { personId, requestId, ...hand }: Request): ClassState['hands'] {
  if (!isClosed(hand)) return withRow(hands, personId, requestId)
  return findRow(hands, personId) === requestId ? withoutRow(hands, personId) : hands
}

/** The one way to change a status: keeps the number of pending requests, and who has a hand. */
function withStatus(state: ClassState, request: Request, status: RequestStatus): ClassState {
  const before = findRow(state.requests, request.requestId)
  const open = (s?: RequestStatus) => (s === 'pending' ? 1 : 0)
  const pendingRequests = state.pendingRequests + open(status) - open(before?.status)
  const after: Request = { ...request, status }
  const requests = withRow(state.requests, request.requestId, after)
  return {
    ...state,
    pendingRequests,
    requests,
    ...(after.kind === 'voice' && { hands: toHands(state, after) }),
  }
}

/** A hand follows its invitation; a question that led to one stays what it was. */
export function withHandStatus(
  state: ClassState,
  requestId: string | undefined,
  status: RequestStatus,
): ClassState {
  const request = requestId === undefined ? undefined : findRow(state.requests, requestId)
  return request?.kind === 'voice' && !isClosed(request) ? withStatus(state, request, status) : state
}

/** Whoever spoke on stage about a request has answered it, hand or question. */
export function withAnswered(state: ClassState, requestId: string | undefined): ClassState {
  const request = requestId === undefined ? undefined : findRow(state.requests, requestId)
  return request && !isClosed(request) ? withStatus(state, request, 'answered') : state
}

function withVote(state: ClassState, personId: string, requestId: string): ClassState {
  const own = findVotes(state, personId)
  if (own.includes(requestId)) return state
  return withVotes(state, { personId, requestIds: [...own, requestId] }, requestId, 1)
}

function withoutVote(state: ClassState, personId: string, requestId: string): ClassState {
  const own = findVotes(state, personId)
  if (!own.includes(requestId)) return state
  return withVotes(state, { personId, requestIds: own.filter((id) => id !== requestId) }, requestId, -1)
}

function withVotes(state: ClassState, votes: Votes, requestId: string, change: 1 | -1): ClassState {
  const request = findRow(state.requests, requestId)
  if (!request) return state
  const counted = { ...request, voteCount: request.voteCount + change }
  return {
    ...state,
    votes: withRow(state.votes, votes.personId, votes),
    requests: withRow(state.requests, requestId, counted),
  }
}
