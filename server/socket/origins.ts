import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a page of this origin may open a socket: ours, one from the list, or one that the browser reached under the
 * same host as the socket. Programs send no Origin. A token is asked for besides: this only keeps foreign pages from
 * trying (cross-site WebSocket hijacking).
 */
export function isAllowedOrigin(headers: IncomingHttpHeaders, origins: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  if (page.protocol !== 'http:' && page.protocol !== 'https:') return false
  if (host !== undefined && page.host === host.toLowerCase()) return true
  return origins.some((allowed) => URL.canParse(allowed) && new URL(allowed).origin === page.origin)
}
