import type { Response } from 'express'
import type { RefusalCode } from '../classroom/refusals'
import type { EntryErrorCode } from '../people/failures'
import type { ErrorBody, TransportErrorCode } from '../protocol/errors'
import type { Problem } from '../protocol/http'
import type { PageProblem } from './pages'

export type ProblemCode = RefusalCode | TransportErrorCode | EntryErrorCode

/** Each code has one status, whatever call it is the answer to. */
const statuses: Record<ProblemCode, PageProblem['status'] | 400 | 413 | 500> = {
  bad_payload: 422,
  unknown_command: 404,
  not_found: 404,
  unknown_class: 404,
  unknown_code: 404,
  unknown_person: 404,
  unknown_request: 404,
  unknown_invitation: 404,
  unknown_offer: 404,
  unknown_message: 404,
  unauthorized: 401,
  token_expired: 401,
  forbidden: 403,
  bad_origin: 403,
  not_allowed: 403,
  removed: 403,
  class_ended: 403,
  class_not_ended: 409,
  class_locked: 403,
  class_full: 403,
  link_expired: 403,
  bad_link: 403,
  creation_closed: 403,
  quiet: 403,
  chat_off: 403,
  chat_muted: 403,
  not_in_class: 409,
  class_not_live: 409,
  already_raised: 409,
  already_invited: 409,
  already_on_stage: 409,
  not_on_stage: 409,
  stage_full: 409,
  no_free_seat: 409,
  request_closed: 409,
  stale_run: 409,
  too_many: 409,
  protocol_version: 400,
  rate_limited: 429,
  too_fast: 429,
  too_many_joins: 429,
  too_large: 413,
  busy: 503,
  unavailable: 503,
  internal: 500,
}

const SECOND_MS = 1000
/** What "try again in a moment" means where nobody knows better. */
const RETRY_AFTER_MS = 1000

export function statusOf(code: string): number {
  return Object.hasOwn(statuses, code) ? statuses[code as ProblemCode] : 500
}

/** RFC 9457. `detail` is for people; programs go by `code`. */
export function toProblem(error: ErrorBody): Problem {
  const { code, message, retryAfterMs } = error
  return {
    type: `urn:amphi:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status: statusOf(code),
    detail: message,
    code,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

export function toPageProblem({ code, message, retryAfterMs }: ErrorBody): PageProblem {
  const status = statusOf(code)
  return {
    status: (status === 500 || status === 400 || status === 413 ? 503 : status) as PageProblem['status'],
    code,
    detail: message,
    ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / SECOND_MS) }),
  }
}

export function sendProblem(response: Response, error: ErrorBody): void {
  const problem = toProblem(error)
  if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer')
  if (problem.status === 429 || problem.status === 503) {
    response.set('Retry-After', String(Math.ceil((error.retryAfterMs ?? RETRY_AFTER_MS) / SECOND_MS)))
  }
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}
