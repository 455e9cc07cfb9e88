import type { Refusal } from '../classroom/refusals'

/** An expected no, on every transport: the `error` of an ack, the `data` of a refused handshake, a `bye`. */
export type ErrorBody = { code: string; message: string; retryable: boolean; retryAfterMs?: number }

type Entry = { message: string; retryable: boolean }

/**
 * What a transport itself can say no with; the class's own refusals are `refusalCodes`. `retryable` means: the same
 * again, later, may succeed.
 */
const transportErrors = {
  bad_payload: { message: 'The payload is not what this command takes.', retryable: false },
  unknown_command: { message: 'There is no command of this name.', retryable: false },
  too_fast: { message: 'Too many commands in a short time: slow down.', retryable: true },
  busy: { message: 'The class is busy: try again in a moment.', retryable: true },
  unavailable: { message: 'The class cannot be reached at the moment: try again.', retryable: true },
  internal: { message: 'Something went wrong on our side: try again.', retryable: true },
  unauthorized: { message: 'The token is missing, or not good for this.', retryable: false },
  token_expired: { message: 'The token has expired: join the class again for a new one.', retryable: true },
  protocol_version: { message: 'This version of the protocol is not spoken here.', retryable: false },
  bad_origin: { message: 'Pages of this origin may not connect.', retryable: false },
  forbidden: { message: 'You are not allowed to do this.', retryable: false },
  not_found: { message: 'There is nothing here.', retryable: false },
  unknown_class: { message: 'There is no such class.', retryable: false },
} as const satisfies Record<string, Entry>

/** Why the server closes a connection for now: come back after `retryAfterMs`, with `resume`. */
const byesForNow = {
  draining: { message: 'This server is being restarted: connect again.', retryable: true },
  flooding: { message: 'Too many messages: connect again later.', retryable: true },
  upgrade: { message: 'This server is too old for this class: connect again.', retryable: true },
  slow_consumer: { message: 'This connection is too slow to keep up: connect again.', retryable: true },
  gone: { message: 'You were away for too long: join the class again.', retryable: true },
} as const satisfies Record<string, Entry>

/** Why the server closes a connection for good: connecting again with the same person is of no use. */
const byesForGood = {
  removed: { message: 'You were removed from this class.', retryable: false },
  left: { message: 'You left this class.', retryable: false },
  denied: { message: 'You were not let into this class.', retryable: false },
  class_over: { message: 'This class is closed.', retryable: false },
  taken_over: { message: 'You continue on another device.', retryable: false },
} as const satisfies Record<string, Entry>

export type TransportErrorCode = keyof typeof transportErrors
export type ByeCode = keyof typeof byesForNow | keyof typeof byesForGood
export type GatewayErrorCode = TransportErrorCode | ByeCode

const registry: Record<GatewayErrorCode, Entry> = { ...transportErrors, ...byesForNow, ...byesForGood }

export const transportErrorCodes = Object.keys(transportErrors) as TransportErrorCode[]
export const byeCodes = [...Object.keys(byesForNow), ...Object.keys(byesForGood)] as ByeCode[]

/** `detail` replaces the general words where there is something more exact to say; never a secret or a stack. */
export function toError(
  code: GatewayErrorCode,
  more: { detail?: string; retryAfterMs?: number } = {},
): ErrorBody {
  const { message, retryable } = registry[code]
  const error: ErrorBody = { code, message: more.detail ?? message, retryable }
  return more.retryAfterMs === undefined ? error : { ...error, retryAfterMs: more.retryAfterMs }
}

/** A refusal of the class goes over the wire as it is. */
export function fromRefusal(refusal: Refusal): ErrorBody {
  return { ...refusal }
}
