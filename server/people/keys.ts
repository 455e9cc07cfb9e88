import { createHash, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'

/** What a token is good for. Each purpose has keys of its own, so a token never passes for another kind. */
export type Purpose = 'person' | 'gateway' | 'watch' | 'link' | 'download'

/** HS256 takes a key as long as its hash (RFC 7518, 3.2). */
const KEY_BYTES = 32

/** HKDF-SHA256 (RFC 5869) of one of `SECRET_KEYS`. The salt is empty: the secrets are random themselves. */
export function deriveKey(secret: string, purpose: Purpose): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `amphi/${purpose}/v1`, KEY_BYTES)))
}

/**
 * Compares an API key with the expected one. Both are hashed first, so neither the length nor the place of
 * the first difference shows in the time it takes.
 */
export function equalSecrets(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
