import { type Person, tierOf } from '../classroom/people'
import { refuse } from '../classroom/refusals'
import type { ClassState } from '../classroom/state'
import { findRow } from '../classroom/table'
import type { Tokens } from '../people/tokens'
import { type ErrorBody, fromRefusal, toError } from '../protocol/errors'
import type { Position } from '../protocol/events'
import { parseHandshake } from '../protocol/handshake'
import type { LiveClasses, OpenClass } from './live-classes'
import { waitFor } from './wait-for'

/** Another process has decided the join just now; it is here within ms, unless something is wrong. */
const CATCH_UP_MS = 2000

export type Admitted = { open: OpenClass; personId: string; resume?: Position }

export type AuthenticateDeps = {
  tokens: Pick<Tokens, 'readGateway'>
  classes: LiveClasses
  /** How long this person is still blocked for flooding, ms. */
  blockedMs(classId: string, personId: string): number
}

export type Authentication = { ok: true; admitted: Admitted } | { ok: false; error: ErrorBody }

/**
 * Who connects, and whether they may: the token says who, the class says the rest. Who was removed stands in the class
 * itself, from which the list of revoked tokens is made: a storm of handshakes has nothing to ask Redis.
 */
export async function authenticate(auth: unknown, deps: AuthenticateDeps): Promise<Authentication> {
  const parsed = parseHandshake(auth)
  if (!parsed.ok) return parsed
  const { token, resume } = parsed.handshake
  const reading = deps.tokens.readGateway(token)
  if (!reading.ok) {
    return { ok: false, error: toError(reading.reason === 'expired' ? 'token_expired' : 'unauthorized') }
  }
  const { cls: classId, sub: personId } = reading.claims
  const blockedMs = deps.blockedMs(classId, personId)
  if (blockedMs > 0) return { ok: false, error: toError('flooding', { retryAfterMs: blockedMs }) }
  const open = deps.classes.find(classId) ?? (await deps.classes.open(classId))
  if (typeof open === 'string') return { ok: false, error: toError(open) }
  const { live } = open
  const isKnownIn = (state: ClassState) => isKnown(findRow(state.people, personId))
  if (!isKnownIn(live.followed.state)) await waitFor(live.followed, isKnownIn, CATCH_UP_MS)
  if (live.state.phase === 'ended') return { ok: false, error: fromRefusal(refuse('class_ended').refusal) }
  const person = findRow(live.state.people, personId)
  if (person?.place.at === 'removed') return { ok: false, error: toError('removed') }
  if (!isInside(person)) {
    // As after `bye gone`: a fresh join helps, so it is worth coming back.
    return { ok: false, error: { ...fromRefusal(refuse('not_in_class').refusal), retryable: true } }
  }
  if (resume?.epoch === live.head.epoch && resume.seq > live.head.seq) {
    await waitFor(live.followed, (_state, head) => head.seq >= resume.seq, CATCH_UP_MS)
  }
  return { ok: true, admitted: { open, personId: person.personId, resume } }
}

/** In the class, or out of it for good: there is nothing to wait for. */
function isKnown(person: Person | undefined): boolean {
  return person?.place.at === 'removed' || isInside(person)
}

function isInside(person: Person | undefined): person is Person {
  return person !== undefined && tierOf(person.place) !== null
}
