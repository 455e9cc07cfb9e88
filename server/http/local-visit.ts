import type { IncomingHttpHeaders } from 'node:http'

/** What proxies and tunnels add. */
const forwarding = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
]
const loopback = /^(::ffff:)?127\.|^::1$/

export type Visit = {
  headers: IncomingHttpHeaders
  /** Of the browser, as far as TRUSTED_PROXIES can be believed. */
  address: string
  /** Whether whoever connected to us is one of TRUSTED_PROXIES. */
  byTrustedProxy: boolean
}

/**
 * Whether the browser is on this machine. Behind a proxy that nobody told us to trust, or one that does not say for
 * whom it asks, everybody in the world comes from this machine.
 */
export function isLocal({ headers, address, byTrustedProxy }: Visit): boolean {
  if (!loopback.test(address)) return false
  const isForwarded = forwarding.some((name) => headers[name] !== undefined)
  return !isForwarded || (byTrustedProxy && headers['x-forwarded-for'] !== undefined)
}
