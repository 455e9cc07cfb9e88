import { z } from 'zod'
import { type ErrorBody, toError } from './errors'
import { type Handshake, PROTOCOL_VERSION } from './events'
import { id } from './fields'
import { position } from './questions'

/** A JWT of ours is about 300 bytes. */
const TOKEN_CHARACTERS = 2048

const handshake = z.object({
  token: z.string().min(1).max(TOKEN_CHARACTERS),
  protocol: z.literal(PROTOCOL_VERSION),
  deviceId: id.optional(),
  /** A position that makes no sense is no reason to stay outside: a snapshot serves. */
  resume: position.optional().catch(undefined),
})

/** The `auth` of a connecting socket, untrusted. Unknown fields are ignored: an `auth` object is often shared. */
export function parseHandshake(
  auth: unknown,
): { ok: true; handshake: Handshake } | { ok: false; error: ErrorBody } {
  const result = handshake.safeParse(auth)
  if (result.success) return { ok: true, handshake: result.data }
  const fields = new Set(result.error.issues.map((issue) => issue.path[0]))
  if (fields.has('token') || fields.size === 0 || fields.has(undefined)) {
    return { ok: false, error: toError('unauthorized') }
  }
  if (fields.has('protocol')) {
    return {
      ok: false,
      error: toError('protocol_version', { detail: `Speak protocol ${PROTOCOL_VERSION}.` }),
    }
  }
  return { ok: false, error: toError('bad_payload', { detail: `auth.${[...fields].join(', auth.')}` }) }
}
