import type { FactAmong } from './facts'
import { withPerson } from './placement'
import { isClosed } from './requests'
import type { ClassState, Request, RequestStatus } from './state'
import { findRow, withRow } from './table'

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
      return withVotes(state, request, { ...request.votes, [fact.personId]: true })
    case 'request.unvoted': {
      const { [fact.personId]: _gone, ...votes } = request.votes
      return withVotes(state, request, votes)
    }
    case 'request.merged': {
      const into = findRow(state.requests, fact.into)
      const closed = withStatus(state, { ...request, mergedInto: fact.into }, 'answered')
      return into ? withVotes(closed, into, { ...into.votes, ...request.votes }) : closed
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
    votes: {},
    voteCount: 0,
  }
  const asked = withPerson(state, personId, { lastRequestAt: fact.at })
  const requests = withRow(asked.requests, requestId, request)
  return { ...asked, requests, pendingRequests: asked.pendingRequests + 1 }
}

/** The one way to change a status: keeps the number of pending requests. */
export function withStatus(state: ClassState, request: Request, status: RequestStatus): ClassState {
  const before = findRow(state.requests, request.requestId)
  const open = (s?: RequestStatus) => (s === 'pending' ? 1 : 0)
  const pendingRequests = state.pendingRequests + open(status) - open(before?.status)
  return {
    ...state,
    pendingRequests,
    requests: withRow(state.requests, request.requestId, { ...request, status }),
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

function withVotes(state: ClassState, request: Request, votes: Request['votes']): ClassState {
  const voteCount = Object.keys(votes).length
  return { ...state, requests: withRow(state.requests, request.requestId, { ...request, votes, voteCount }) }
}
