import { isIP } from 'node:net'
import type { JoinAnswer } from '../protocol/http'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Scheme, host and port by which this browser reaches us, without a trailing slash: PUBLIC_URL, except where that
 * is this machine's own name (the default) and the browser came by another one, as in a trial within a house.
 * `host` is the request's Host header: it goes back to whoever sent it and to nobody else.
 */
export function toBaseUrl(publicUrl: string, host: string | undefined): string {
  const known = new URL(publicUrl)
  if (!host || !loopbackNames.has(known.hostname) || !URL.canParse(`${known.protocol}//${host}`)) {
    return publicUrl
  }
  return new URL(`${known.protocol}//${host}`).origin
}

/** A URL below PUBLIC_URL (http or ws) to the same below the base by which the browser came. */
export function toReachable(url: string, publicUrl: string, baseUrl: string): string {
  const ws = (base: string) => base.replace(/^http/, 'ws')
  if (url.startsWith(publicUrl)) return baseUrl + url.slice(publicUrl.length)
  if (url.startsWith(ws(publicUrl))) return ws(baseUrl) + url.slice(ws(publicUrl).length)
  return url
}

/** The same by the Host header; the newest is remembered, since thousands come by the same one at a time. */
export function createReach(publicUrl: string): (url: string, host: string | undefined) => string {
  let newest: { host: string | undefined; baseUrl: string } | undefined
  return (url, host) => {
    if (!newest || newest.host !== host) newest = { host, baseUrl: toBaseUrl(publicUrl, host) }
    return toReachable(url, publicUrl, newest.baseUrl)
  }
}

/**
 * Whether a page of `origin` (the header of that name) is one of ours. Absent: not a browser's cross-site request,
 * as browsers name the origin of every unsafe one.
 */
export function isOwnOrigin(
  origin: string | undefined,
  publicUrl: string,
  host: string | undefined,
): boolean {
  return origin === undefined || origin === publicUrl || origin === toBaseUrl(publicUrl, host)
}

/**
 * A name nobody else can point at this machine. A page of a stranger's name that resolves to 127.0.0.1 would
 * otherwise act as a browser on this machine (DNS rebinding).
 */
export function isSafeHost(host: string | undefined, publicUrl: string): boolean {
  if (!host || !URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  if (hostname === new URL(publicUrl).hostname || loopbackNames.has(hostname)) return true
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
}

/** The URLs of an answer to join, as this browser can reach them. */
export function toReachableAccess(answer: JoinAnswer, publicUrl: string, baseUrl: string): JoinAnswer {
  if (baseUrl === publicUrl) return answer
  const move = (url: string) => toReachable(url, publicUrl, baseUrl)
  const { gateway, livekit, broadcast } = answer
  return {
    ...answer,
    gateway: { ...gateway, url: move(gateway.url) },
    ...(livekit && { livekit: { ...livekit, url: move(livekit.url) } }),
    ...(broadcast && {
      broadcast: {
        playlistUrl: move(broadcast.playlistUrl),
        ...(broadcast.asideUrl && { asideUrl: move(broadcast.asideUrl) }),
      },
    }),
  }
}
