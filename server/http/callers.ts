import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { readPersonCookies } from '../people/cookies'
import type { Directory } from '../people/directory'
import { type Failure, fail } from '../people/failures'
import { equalSecrets } from '../people/keys'
import type { Revocations } from '../people/revocations'
import type { Tokens } from '../people/tokens'
import type { Caller } from './operation'

export type CallersDeps = {
  tokens: Pick<Tokens, 'readPerson'>
  revocations: Pick<Revocations, 'isRevoked'>
  directory: Pick<Directory, 'findApiKey'>
  adminApiKey: string
}

export type Callers = {
  /** Who calls, by `Authorization: Bearer`, or by the cookie that the page chose. */
  find(request: Request): Promise<{ ok: true; caller: Caller } | Failure>
  /** A person by their token, whichever way it came. */
  findPerson(token: string): Promise<{ ok: true; caller: Caller & { kind: 'person' } } | Failure>
}

export function createCallers({ tokens, revocations, directory, adminApiKey }: CallersDeps): Callers {
  async function findPerson(token: string): Promise<Awaited<ReturnType<Callers['findPerson']>>> {
    const reading = await tokens.readPerson(token)
    if (!reading.ok) return fail(reading.reason === 'expired' ? 'token_expired' : 'unauthorized')
    const { claims } = reading
    if (await revocations.isRevoked(claims)) return fail('removed')
    return { ok: true, caller: { kind: 'person', personId: claims.sub, classId: claims.cls } }
  }

  async function findSchool(key: string): Promise<{ ok: true; caller: Caller } | Failure> {
    // Looked up by its hash: what the time of an index lookup tells is about a hash, not about the key.
    const found = await directory.findApiKey(createHash('sha256').update(key).digest())
    return found ? { ok: true, caller: { kind: 'key', orgId: found.orgId } } : fail('unauthorized')
  }

  return {
    findPerson,
    async find(request) {
      const bearer = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1]
      if (bearer && equalSecrets(bearer, adminApiKey)) return operator
      if (bearer) return isToken(bearer) ? findPerson(bearer) : findSchool(bearer)
      const token = findCookie(request)
      return token ? findPerson(token) : fail('unauthorized')
    },
  }
}

const operator = { ok: true, caller: { kind: 'key', orgId: null } } as const

/** JWS compact serialisation (RFC 7515, 7.1); keys of schools have no dots. */
function isToken(bearer: string): boolean {
  return bearer.split('.').length === 3
}

/**
 * A header no form and no foreign page can set without our leave chooses among the people of a browser; a link
 * that downloads cannot set it and says `?as=`, which is therefore good for reading only.
 */
function findCookie(request: Request): string | undefined {
  const { as } = request.query
  const personId =
    request.get('x-amphi-person') ?? (request.method === 'GET' && typeof as === 'string' ? as : undefined)
  return personId ? readPersonCookies(request.headers.cookie).get(personId) : undefined
}
