import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isOver } from '../plan'
import { answerPreflight, answerProblem, applyCors, type Problem, problems } from './answer'
import type { Broadcasts } from './broadcasts'
import type { Gate, Pass } from './gate'
import { countRequest, type Metrics, renderMetrics } from './metrics'
import { parseName } from './names'
import type { View } from './viewing'

/** The status of a problem, or that it is answered. */
type Elsewhere = null | 'answered' | 403 | 404 | 410

export type RequestDependencies = {
  broadcasts: Broadcasts
  gate: Gate
  view: View
  metrics: Metrics
  logger: Logger
  /** Answers what is none of a broadcast's names; null: it is no path of its. */
  findElsewhere?: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<Elsewhere>
  /** Server time, ms. */
  now: () => number
  /** Which dependencies are down, by name. */
  findDown: () => Promise<string[]>
}

/** As it came, undecoded: a token, a class and a name of ours hold nothing that needs decoding. */
const WATCH_PATH = /^\/([A-Za-z0-9_.-]{1,2048})\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_./-]{1,256})$/
/** Where an edge or the server serves us below `/hls`. */
const MOUNT = /^\/hls(?=\/)/
/** How long an edge may remember that a token is good. */
const AUTH_CACHE = 'private, max-age=5'

export type WatchPath = { token: string; classId: string; name: string }

export function parseWatchPath(path: string): WatchPath | null {
  const match = WATCH_PATH.exec(path)
  if (!match?.[1] || !match[2] || !match[3]) return null
  return { token: match[1], classId: match[2], name: match[3] }
}

export function createRequestHandler(dependencies: RequestDependencies) {
  const { broadcasts, gate, view, metrics, logger, findElsewhere, now, findDown } = dependencies

  async function refuse(watch: WatchPath): Promise<(Problem & { status: 403 }) | (Pass & { ok: true })> {
    const pass = await gate.check(watch.token)
    if (pass.ok && pass.classId === watch.classId) return pass
    metrics.tokensRefused += 1
    const code = pass.ok ? 'token_invalid' : pass.code
    return { status: 403, code, title: 'This token does not open this broadcast' }
  }

  async function authorize(request: IncomingMessage, response: ServerResponse) {
    const uri = String(request.headers['x-original-uri'] ?? '').replace(MOUNT, '')
    const watch = parseWatchPath(uri.split('?', 1)[0] ?? '')
    // An edge may resolve a path that goes up (`/TOKEN/mine/../other/...`): only names of ours are vouched for.
    const pass = watch && parseName(watch.name) ? await refuse(watch) : null
    const status = pass && 'ok' in pass ? 204 : 403
    response.writeHead(status, { 'Cache-Control': status === 204 ? AUTH_CACHE : 'no-store' }).end()
  }

  async function watch(request: IncomingMessage, response: ServerResponse, path: string, query: string) {
    const target = parseWatchPath(path)
    if (!target) return problems.notFound
    const pass = await refuse(target)
    if (!('ok' in pass)) return pass
    const resource = parseName(target.name)
    if (!resource) return problems.notFound
    const broadcast = await broadcasts.find(target.classId)
    if (!broadcast) {
      const isPlaylist = resource.kind === 'multivariant' || resource.kind === 'playlist'
      return isPlaylist ? problems.notStarted : problems.notFound
    }
    const plan = broadcast.plan()
    if (plan && isOver(plan, now())) return problems.over
    // A shared token stands for a whole class: what is held for it says nothing about one viewer.
    const holder = pass.isShared ? null : target.token
    return view({ request, response, broadcast, query, holder }, resource)
  }

  async function ready(response: ServerResponse) {
    const down = await findDown()
    response.writeHead(down.length === 0 ? 200 : 503, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    })
    response.end(JSON.stringify({ ready: down.length === 0, down }))
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<Problem | null> {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    if (request.method === 'OPTIONS') {
      answerPreflight(response)
      return null
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD, OPTIONS')
      return problems.method
    }
    switch (path) {
      case '/healthz':
        response.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok\n')
        return null
      case '/readyz':
        await ready(response)
        return null
      case '/metrics':
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' })
        response.end(renderMetrics(metrics, process.memoryUsage.rss()))
        return null
      case '/auth':
        await authorize(request, response)
        return null
      default: {
        const elsewhere = (await findElsewhere?.(request, response, path)) ?? null
        if (elsewhere === null) return watch(request, response, path, query)
        return elsewhere === 'answered' ? null : elsewhereProblems[elsewhere]
      }
    }
  }

  return async function handle(request: IncomingMessage, response: ServerResponse) {
    applyCors(response)
    try {
      const problem = await route(request, response)
      if (problem) answerProblem(response, problem)
    } catch (fault) {
      // Never the URL: it holds a token.
      logger.error({ err: fault }, 'a request failed')
      if (response.headersSent) response.destroy()
      else answerProblem(response, problems.internal)
    }
    countRequest(metrics, toKind(request.url ?? ''), response.statusCode)
  }
}

const elsewhereProblems = {
  403: { status: 403, code: 'token_invalid', title: 'This token does not open this file' },
  404: problems.notFound,
  410: problems.over,
} as const

function toKind(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  if (path.endsWith('.m3u8')) return url.includes('_HLS_msn=') ? 'reload' : 'playlist'
  if (path.endsWith('.m4s') || path.endsWith('.mp4')) return 'media'
  return path === '/auth' ? 'auth' : 'other'
}
