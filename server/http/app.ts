import express, { type Express, type Request, type RequestHandler } from 'express'
import type { Logger } from '../log/class-logs'
import { createApi } from './api'
import { isSafeHost, toBaseUrl } from './base-url'
import type { Callers } from './callers'
import { createPages } from './create-pages'
import { refuseForeignPages } from './foreign-pages'
import { refuseLargeForms } from './large-forms'
import type { Operation } from './operation'
import type { OperationDeps } from './operations/deps'
import type { Pages } from './pages'
import { LIVEKIT_PREFIX, type Proxies } from './proxies'
import { createRequestLog } from './request-log'
import { createSecurityHeaders, type PublicUrls } from './security-headers'

export type AppDeps = OperationDeps & {
  callers: Callers
  operations: readonly Operation[]
  urls: PublicUrls
  createClasses: 'local' | 'key' | 'anyone'
  trustedProxies: readonly string[]
  dev: boolean
  proxies: Proxies
  livekitWebhooks: RequestHandler
  readyz: RequestHandler
  metrics: RequestHandler
  countRequests: RequestHandler
  logger: Logger
}

/** All of HTTP in the order in which paths are tried; `usePages` adds what comes last. Opens no port. */
export function createApp(deps: AppDeps): { app: Express; pagesFor(request: Request): Pages } {
  const { proxies, logger, urls } = deps
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false)
  app.use(createRequestLog(logger), deps.countRequests)
  app.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ alive: true })
  })
  app.get('/readyz', deps.readyz)
  app.get('/metrics', deps.metrics)
  app.use('/hls', proxies.hls)
  app.use(LIVEKIT_PREFIX, proxies.livekit)
  app.use('/webhooks/livekit', deps.livekitWebhooks)
  app.use(createSecurityHeaders(urls, deps.dev))
  app.use('/api/v1', createApi({ ...deps, publicUrl: urls.publicUrl }))
  app.use(refuseForeignPages(urls.publicUrl), refuseLargeForms)
  return { app, pagesFor: (request) => createPages(deps, toVisit(request, deps)) }
}

function toVisit(request: Request, { urls, createClasses, trustedProxies }: AppDeps) {
  const host = request.get('host')
  const local = () => isLocal(request, trustedProxies.length > 0) && isSafeHost(host, urls.publicUrl)
  return {
    baseUrl: toBaseUrl(urls.publicUrl, host),
    address: request.ip ?? '',
    mayCreate: createClasses === 'anyone' || (createClasses === 'local' && local()),
  }
}

const loopback = /^(::ffff:)?127\.|^::1$/
const forwarding = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via']

/** Behind a proxy that nobody told us to trust, everybody in the world comes from this machine. */
function isLocal(request: Request, proxiesAreKnown: boolean): boolean {
  const forwarded = !proxiesAreKnown && forwarding.some((name) => request.get(name) !== undefined)
  return loopback.test(request.ip ?? '') && !forwarded
}
