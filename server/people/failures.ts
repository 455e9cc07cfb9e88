import { type ErrorBody, type GatewayErrorCode, toError } from '../protocol/errors'

/** What signing in and entering can say no with, besides the class's refusals and the transports' errors. */
const entryErrors = {
  unknown_code: {
    message: 'There is no class with this code. Check it with your teacher.',
    retryable: false,
  },
  link_expired: { message: 'This link has expired. Ask your teacher for a new one.', retryable: false },
  bad_link: { message: 'This link is damaged. Open it again from where you got it.', retryable: false },
  too_many_joins: { message: 'Too many people enter from this network: wait a moment.', retryable: true },
  creation_closed: { message: 'Classes are not created from this page here.', retryable: false },
  too_large: { message: 'The body is larger than any of ours.', retryable: false },
} as const

export type EntryErrorCode = keyof typeof entryErrors
export type Failure = { ok: false; error: ErrorBody }

/** `detail` replaces the general words where there is something more exact to say. */
export function fail(
  code: EntryErrorCode | GatewayErrorCode,
  more: { detail?: string; retryAfterMs?: number } = {},
): Failure {
  if (!isEntryError(code)) return { ok: false, error: toError(code, more) }
  const { message, retryable } = entryErrors[code]
  const { detail, ...rest } = more
  return { ok: false, error: { code, message: detail ?? message, retryable, ...rest } }
}

function isEntryError(code: string): code is EntryErrorCode {
  return Object.hasOwn(entryErrors, code)
}
