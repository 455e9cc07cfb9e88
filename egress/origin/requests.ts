import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isOver } from '../plan'
import { answerPreflight, answerProblem, applyCors, type Problem, problems } from './answer'
import type { Broadcasts } from './broadcasts'
import type { Gate, Pass } from './gate'
import { countRequest, type Metrics, renderMetrics } from './metrics'
import type { Holder } from './token-count'
import type { Viewer } from './viewing'
import { parseWatchPath, readName, splitWatchUrl, type WatchPath } from './watch-path'

/** The status of a problem, or that it is answered. */
type Elsewhere = null | 'answered' | 403 | 404 | 410

export type RequestDependencies = {
  broadcasts: Broadcasts
  gate: Gate
  viewer: Viewer
  metrics: Metrics
  logger: Logger
  /** Answers what is none of a broadcast's names; null: it is no path of its. */
  findElsewhere?: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<Elsewhere>
  /** Server time, ms. */
  now: () => number
  /** Which dependencies are down, by name. */
  findDown: () => Promise<string[]>
}

/** Where an edge or the server serves us below `/hls`. */
const MOUNT = /^\/hls(?=\/)/
/** How long an edge may remember that a token is good. */
const AUTH_CACHE = 'private, max-age=5'

export function createRequestHandler(dependencies: RequestDependencies) {
  const { broadcasts, gate, viewer, metrics, logger, findElsewhere, now, findDown } = dependencies

  async function refuse(
    watch: WatchPath,
    check: (token: string) => Promise<Pass>,
  ): Promise<(Problem & { status: 403 }) | (Pass & { ok: true })> {
    const pass = await check(watch.token)
    if (pass.ok && pass.classId === watch.classId) return pass
    metrics.tokensRefused += 1
    const code = pass.ok ? 'token_invalid' : pass.code
    return { status: 403, code, title: 'This token does not open this broadcast' }
  }

  async function authorize(request: IncomingMessage, response: ServerResponse) {
    const uri = String(request.headers['x-original-uri'] ?? '').replace(MOUNT, '')
    const watch = parseWatchPath(uri.split('?', 1)[0] ?? '')
    // An edge may resolve a path that goes up (`/TOKEN/mine/../other/...`): only names of ours are vouched for.
    const pass = watch && readName(watch.name) ? await refuse(watch, gate.checkAnew) : null
    const status = pass && 'ok' in pass && !(await isDeleted(pass.classId)) ? 204 : 403
    response.writeHead(status, { 'Cache-Control': status === 204 ? AUTH_CACHE : 'no-store' }).end()
  }

  /** What an edge has in its cache is deleted with the rest. */
  async function isDeleted(classId: string): Promise<boolean> {
    const plan = await broadcasts.findPlan(classId)
    return plan !== null && isOver(plan, now())
  }

  async function watch(request: IncomingMessage, response: ServerResponse, path: string, query: string) {
    const target = parseWatchPath(path)
    if (!target) return problems.notFound
    const pass = await refuse(target, gate.check)
    if (!('ok' in pass)) return pass
    const resource = readName(target.name)
    if (!resource) return problems.notFound
    const broadcast = await broadcasts.find(target.classId)
    if (!broadcast) {
      const isPlaylist = resource.kind === 'multivariant' || resource.kind === 'playlist'
      return isPlaylist ? problems.notStarted : problems.notFound
    }
    const plan = broadcast.plan()
    if (plan && isOver(plan, now())) return problems.over
    const holder = toHolder(pass, target)
    const { opens } = pass
    return viewer.view({ request, response, broadcast, query, holder, opens, now: now() }, resource)
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
        if (findElsewhere) applyCors(response)
        const elsewhere = (await findElsewhere?.(request, response, path)) ?? null
        if (elsewhere === null) return watch(request, response, path, query)
        return elsewhere === 'answered' ? null : elsewhereProblems[elsewhere]
      }
    }
  }

  async function handleFully(request: IncomingMessage, response: ServerResponse) {
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

  /**
   * What nearly every request is, without a detour: a playlist of a class that is loaded, for a token that was found
   * good within the last seconds. Anything else goes the long way.
   */
  function answerAtOnce(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false
    const target = splitWatchUrl(request.url ?? '')
    const pass = target && gate.recall(target.token)
    if (!target || pass?.classId !== target.classId) return false
    const broadcast = broadcasts.recall(target.classId)
    const resource = readName(target.name)
    const plan = broadcast?.plan()
    if (!broadcast || !resource || !plan || isOver(plan, now())) return false
    const { query } = target
    const holder = toHolder(pass, target)
    const viewing = { request, response, broadcast, query, holder, opens: pass.opens, now: now() }
    if (!viewer.viewAtOnce(viewing, resource)) return false
    countRequest(metrics, query === '' ? 'playlist' : 'reload', response.statusCode)
    return true
  }

  return function handle(request: IncomingMessage, response: ServerResponse) {
    try {
      if (answerAtOnce(request, response)) return
    } catch (fault) {
      logger.error({ err: fault }, 'a request failed')
      response.destroy()
      return
    }
    void handleFully(request, response)
  }
}

/** A shared token stands for a whole class, and is another one each hour: what is held says nothing about one viewer. */
function toHolder({ isShared, classId }: Pass & { ok: true }, { token }: WatchPath): Holder {
  return isShared ? { kind: 'class', id: classId } : { kind: 'viewer', id: token }
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
