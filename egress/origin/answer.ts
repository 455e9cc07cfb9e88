import type { IncomingMessage, ServerResponse } from 'node:http'
import { matchesTag, parseRange, readRange } from './range'
import type { Rendered } from './rendered'

/** Outcomes that are not what was asked for (RFC 9457); `retryAfterSeconds` where asking again makes sense. */
export type Problem = {
  status: number
  code: string
  title: string
  retryAfterSeconds?: number
  /** A crowd that asks for what is not there yet is kept off by an edge. Absent: nobody keeps the answer. */
  cacheSeconds?: number
}

export const problems = {
  notFound: { status: 404, code: 'not_found', title: 'There is nothing here' },
  notStarted: {
    status: 404,
    code: 'broadcast_not_started',
    title: 'The broadcast has not started',
    retryAfterSeconds: 1,
    cacheSeconds: 1,
  },
  badReload: { status: 400, code: 'bad_reload', title: 'These delivery directives are not legal here' },
  method: { status: 405, code: 'method_not_allowed', title: 'Only GET and HEAD' },
  tooManyHeld: {
    status: 429,
    code: 'rate_limited',
    title: 'Too many requests are held for this viewer',
    retryAfterSeconds: 1,
  },
  tooManySent: {
    status: 429,
    code: 'rate_limited',
    title: 'This viewer has not taken what was sent before',
    retryAfterSeconds: 1,
  },
  full: { status: 503, code: 'busy', title: 'Too many requests are held', retryAfterSeconds: 1 },
  over: { status: 410, code: 'broadcast_over', title: 'The recording is deleted' },
  missing: { status: 404, code: 'media_missing', title: 'These bytes were lost' },
  heldTooLong: {
    status: 503,
    code: 'broadcast_stalled',
    title: 'Nothing new came in time',
    retryAfterSeconds: 1,
    cacheSeconds: 1,
  },
  internal: { status: 500, code: 'internal', title: 'Something broke', retryAfterSeconds: 1 },
} as const satisfies Record<string, Problem>

/** Old enough to shield the origin from a crowd at an edge, young enough not to be noticed. */
const PLAYLIST_CACHE = 'public, max-age=1'
/**
 * How long caches may have media, whose names never mean other bytes. `live`: whether it will have been recorded is not
 * known yet, so it is asked for again after a minute. `kept`: an hour, not a year, as somebody may delete the recording.
 * `leaving`: it was not recorded, and those who still may have it are few.
 */
const mediaCache = {
  live: 'public, max-age=60',
  kept: 'public, max-age=3600, immutable',
  leaving: 'private, no-store',
} as const

/** Names and values in turn, as Node takes them without looking at each: every answer begins with these. */
const COMMON = [
  ...['Access-Control-Allow-Origin', '*'],
  ...['Access-Control-Expose-Headers', 'Age, Content-Length, Content-Range, Date, ETag, Retry-After'],
  ...['Cross-Origin-Resource-Policy', 'cross-origin'],
  ...['Timing-Allow-Origin', '*'],
  ...['X-Content-Type-Options', 'nosniff'],
]

export function applyCors(response: ServerResponse) {
  for (let index = 0; index < COMMON.length; index += 2) {
    response.setHeader(COMMON[index] ?? '', COMMON[index + 1] ?? '')
  }
}

/** Headers of an answer that is sent many times, made once. */
function toHeaders(own: Readonly<Record<string, string | number | undefined>>): string[] {
  const headers = [...COMMON]
  for (const [name, value] of Object.entries(own)) if (value !== undefined) headers.push(name, String(value))
  return headers
}

export function answerPreflight(response: ServerResponse) {
  const headers = toHeaders({
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': 'Range, If-None-Match, If-Range',
    'Access-Control-Max-Age': 86_400,
  })
  response.writeHead(204, headers).end()
}

export function answerProblem(response: ServerResponse, problem: Problem) {
  const { status, code, title, retryAfterSeconds, cacheSeconds } = problem
  const body = Buffer.from(JSON.stringify({ type: `urn:amphi:problem:${code}`, title, status, code }))
  const headers = toHeaders({
    'Content-Type': 'application/problem+json',
    'Content-Length': body.length,
    'Cache-Control': cacheSeconds === undefined ? 'no-store' : `public, max-age=${cacheSeconds}`,
    'Retry-After': retryAfterSeconds,
    Allow: status === problems.method.status ? 'GET, HEAD, OPTIONS' : undefined,
  })
  response.writeHead(status, headers)
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

const GZIP_ACCEPTED = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/

export function toRenderedHeaders(type: string, bytes: number, etag: string, encoding?: 'gzip'): string[] {
  return toHeaders({
    'Content-Type': type,
    'Content-Length': bytes,
    ETag: etag,
    'Cache-Control': PLAYLIST_CACHE,
    Vary: 'Accept-Encoding',
    'Content-Encoding': encoding,
  })
}

/** A playlist, or whatever else is rendered once and sent to many. Returns the bytes sent. */
export function answerRendered(
  request: IncomingMessage,
  response: ServerResponse,
  rendered: Rendered,
): number {
  const accepted = request.headers['accept-encoding']
  const isZipped = accepted !== undefined && GZIP_ACCEPTED.test(String(accepted))
  const { bytes, etag, headers } = isZipped ? rendered.gzip() : rendered.plain
  if (matchesTag(request.headers['if-none-match'], etag)) {
    const validators = { ETag: etag, 'Cache-Control': PLAYLIST_CACHE, Vary: 'Accept-Encoding' }
    response.writeHead(304, toHeaders(validators)).end()
    return 0
  }
  response.writeHead(200, headers)
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
  media: {
    etag: string
    type: string
    size: number
    stage: keyof typeof mediaCache
    load: () => Promise<Buffer>
  },
): Promise<number> {
  const { etag, type, size, stage } = media
  const validators = { ETag: etag, 'Cache-Control': mediaCache[stage], 'Accept-Ranges': 'bytes' }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, toHeaders(validators)).end()
    return 0
  }
  const range = parseRange(readRange(request, etag), size)
  if (range.kind === 'unsatisfiable') {
    const headers = toHeaders({ 'Content-Range': `bytes */${size}`, 'Cache-Control': 'no-store' })
    response.writeHead(416, headers).end()
    return 0
  }
  const [first, last] = range.kind === 'part' ? [range.first, range.last] : [0, size - 1]
  const bytes = request.method === 'HEAD' ? null : (await media.load()).subarray(first, last + 1)
  const headers = toHeaders({
    ...validators,
    'Content-Type': type,
    'Content-Length': last - first + 1,
    'Content-Range': range.kind === 'part' ? `bytes ${first}-${last}/${size}` : undefined,
  })
  response.writeHead(range.kind === 'part' ? 206 : 200, headers)
  response.end(bytes ?? undefined)
  return bytes?.length ?? 0
}
