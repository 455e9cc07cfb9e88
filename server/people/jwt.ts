import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'

const HEADER = toPart({ alg: 'HS256' })

/**
 * A JSON Web Token (RFC 7519) with HS256 (RFC 7515, RFC 7518): the one kind that is ours. Libraries sign through
 * WebCrypto, a job for the thread pool each; ten thousand people who come at once bring two each.
 */
export function signJwt(payload: object, key: KeyObject): string {
  const signed = `${HEADER}.${toPart(payload)}`
  return `${signed}.${signatureOf(signed, key)}`
}

/** The payload, if it was signed with this key; null for whatever else. Claims, and times, are for the caller. */
export function readJwt(token: string, key: KeyObject): unknown {
  const [header, payload, signature, ...more] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return null
  if (!isEqual(signature, signatureOf(`${header}.${payload}`, key))) return null
  const parsed = fromPart(header)
  // `crit` names extensions without which the token must not be taken: we know none.
  if (typeof parsed !== 'object' || parsed === null || 'crit' in parsed) return null
  return 'alg' in parsed && parsed.alg === 'HS256' ? fromPart(payload) : null
}

function signatureOf(signed: string, key: KeyObject): string {
  return createHmac('sha256', key).update(signed).digest('base64url')
}

/** The time it takes says nothing about where the two differ. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function toPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function fromPart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return null
  }
}
