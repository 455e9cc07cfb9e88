import { PERSON_TOKEN_MS } from './tokens'

const PREFIX = 'amphi.'
const SECOND_MS = 1000
/**
 * People a browser may be at the same time. A cookie is about 300 bytes and Node refuses requests with more than
 * 16 kB of headers, so a browser that kept every class it ever entered would one day be locked out.
 */
const PEOPLE_LIMIT = 20

/** The person tokens a browser sent, by personId, as ordered by the browser (the oldest first, RFC 6265, 5.4). */
export function readPersonCookies(header: string | null | undefined): Map<string, string> {
  const found = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at > 0 && name.startsWith(PREFIX)) found.set(name.slice(PREFIX.length), pair.slice(at + 1).trim())
  }
  return found
}

/**
 * `Set-Cookie` values that make this browser the person too. Where it is already too many, it stops being the
 * oldest of them. HttpOnly: no script reads a token; Lax: links from elsewhere open the class, forms do not act.
 */
export function toPersonCookies(
  personId: string,
  token: string,
  secure: boolean,
  present: ReadonlyMap<string, string>,
): string[] {
  const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  const others = [...present.keys()].filter((other) => other !== personId)
  const surplus = others.slice(0, Math.max(0, others.length - (PEOPLE_LIMIT - 1)))
  return [
    `${PREFIX}${personId}=${token}; Max-Age=${PERSON_TOKEN_MS / SECOND_MS}; ${flags}`,
    ...surplus.map((other) => `${PREFIX}${other}=; Max-Age=0; ${flags}`),
  ]
}
