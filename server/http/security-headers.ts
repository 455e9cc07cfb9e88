import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import { toBaseUrl, toReachable } from './base-url'

export type PublicUrls = { publicUrl: string; livekitPublicUrl: string; originPublicUrl: string }

const NONCE_BYTES = 16
const YEAR_SECONDS = 31_536_000

/**
 * What a page of ours may load and talk to (CSP Level 3): itself, LiveKit and the origin. Tokens are in some URLs:
 * `same-origin` keeps them out of the Referer of every other site. `dev` lets Vite's own inline scripts run.
 */
export function createSecurityHeaders(urls: PublicUrls, dev: boolean): RequestHandler {
  const { publicUrl } = urls
  const secure = publicUrl.startsWith('https:')
  return (request, response, next) => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64')
    response.locals.cspNonce = nonce
    const baseUrl = toBaseUrl(publicUrl, request.get('host'))
    response.set({
      'Content-Security-Policy': toPolicy(toSources(urls, baseUrl), nonce, dev),
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
      ...(secure && { 'Strict-Transport-Security': `max-age=${YEAR_SECONDS}` }),
    })
    next()
  }
}

/** Origins besides 'self', which does not stand for ws: in older Safari. */
function toSources({ publicUrl, livekitPublicUrl, originPublicUrl }: PublicUrls, baseUrl: string) {
  const at = (url: string, scheme: 'http' | 'ws') => {
    const { protocol, host } = new URL(toReachable(url, publicUrl, baseUrl))
    return `${protocol.replace(/^(http|ws)/, scheme)}//${host}`
  }
  const media = at(originPublicUrl, 'http')
  const connect = [at(publicUrl, 'ws'), at(livekitPublicUrl, 'ws'), at(livekitPublicUrl, 'http'), media]
  return { connect: [...new Set(connect)], media }
}

function toPolicy({ connect, media }: { connect: string[]; media: string }, nonce: string, dev: boolean) {
  return [
    "default-src 'self'",
    dev ? "script-src 'self' 'unsafe-inline'" : `script-src 'self' 'nonce-${nonce}'`,
    // React and LiveKit's components write style attributes; hls.js and the like need none.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `media-src 'self' blob: ${media}`,
    `connect-src 'self' ${connect.join(' ')}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
