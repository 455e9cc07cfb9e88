import type { IncomingMessage, ServerResponse } from 'node:http'
import { matchesTag, parseRange } from './range'
import type { Rendered } from './rendered'

/** Outcomes that are not what was asked for (RFC 9457); `retryAfterSeconds` where asking again makes sense. */
export type Problem = { status: number; code: string; title: string; retryAfterSeconds?: number }

export const problems = {
  notFound: { status: 404, code: 'not_found', title: 'There is nothing here' },
  notStarted: {
    status: 404,
    code: 'broadcast_not_started',
    title: 'The broadcast has not started',
    retryAfterSeconds: 1,
  },
  badReload: { status: 400, code: 'bad_reload', title: 'These delivery directives are not legal here' },
  method: { status: 405, code: 'method_not_allowed', title: 'Only GET and HEAD' },
  tooManyHeld: {
    status: 429,
    code: 'rate_limited',
    title: 'Too many requests are held for this viewer',
    retryAfterSeconds: 1,
  },
  over: { status: 410, code: 'broadcast_over', title: 'The recording is deleted' },
  missing: { status: 404, code: 'media_missing', title: 'These bytes were lost' },
  heldTooLong: {
    status: 503,
    code: 'broadcast_stalled',
    title: 'Nothing new came in time',
    retryAfterSeconds: 1,
  },
  internal: { status: 500, code: 'internal', title: 'Something broke', retryAfterSeconds: 1 },
} as const satisfies Record<string, Problem>

/** Old enough to shield the origin from a crowd at an edge, young enough not to be noticed. */
const PLAYLIST_CACHE = 'public, max-age=1'
/** Names never mean other bytes. An hour, not a year: what a school erases should not stay in caches. */
const MEDIA_CACHE = 'public, max-age=3600, immutable'

export function applyCors(response: ServerResponse) {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader(
    'Access-Control-Expose-Headers',
    'Age, Content-Length, Content-Range, Date, ETag, Retry-After',
  )
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
  response.setHeader('Timing-Allow-Origin', '*')
  response.setHeader('X-Content-Type-Options', 'nosniff')
}

export function answerPreflight(response: ServerResponse) {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': 'Range, If-None-Match, If-Range',
    'Access-Control-Max-Age': '86400',
  })
  response.end()
}

export function answerProblem(response: ServerResponse, problem: Problem) {
  const { status, code, title, retryAfterSeconds } = problem
  const body = Buffer.from(JSON.stringify({ type: `urn:amphi:problem:${code}`, title, status, code }))
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

const GZIP_ACCEPTED = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/

/** A playlist, or whatever else is rendered once and sent to many. Returns the bytes sent. */
export function answerRendered(
  request: IncomingMessage,
  response: ServerResponse,
  rendered: Rendered,
  type: string,
): number {
  const isZipped = GZIP_ACCEPTED.test(String(request.headers['accept-encoding'] ?? ''))
  const { bytes, etag } = isZipped ? rendered.gzip() : rendered.plain
  const validators = { ETag: etag, 'Cache-Control': PLAYLIST_CACHE, Vary: 'Accept-Encoding' }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, validators).end()
    return 0
  }
  response.writeHead(200, {
    ...validators,
    'Content-Type': type,
    'Content-Length': bytes.length,
    ...(isZipped ? { 'Content-Encoding': 'gzip' } : {}),
  })
  if (request.method === 'HEAD') {
    response.end()
    return 0
  }
  response.end(bytes)
  return bytes.length
}

/** Bytes that never change under their name: `load` is called only if some of them are to be sent. */
export async function answerMedia(
  request: IncomingMessage,
  response: ServerResponse,
  media: { etag: string; type: string; size: number; load: () => Promise<Buffer> },
): Promise<number> {
  const { etag, type, size } = media
  const validators = { ETag: etag, 'Cache-Control': MEDIA_CACHE, 'Accept-Ranges': 'bytes' }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, validators).end()
    return 0
  }
  const ifRange = request.headers['if-range']
  const wantsRange = ifRange === undefined || ifRange === etag
  const range = parseRange(wantsRange ? request.headers.range : undefined, size)
  if (range.kind === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Cache-Control': 'no-store' }).end()
    return 0
  }
  const [first, last] = range.kind === 'part' ? [range.first, range.last] : [0, size - 1]
  const bytes = request.method === 'HEAD' ? null : (await media.load()).subarray(first, last + 1)
  response.writeHead(range.kind === 'part' ? 206 : 200, {
    ...validators,
    'Content-Type': type,
    'Content-Length': last - first + 1,
    ...(range.kind === 'part' ? { 'Content-Range': `bytes ${first}-${last}/${size}` } : {}),
  })
  response.end(bytes ?? undefined)
  return bytes?.length ?? 0
}
