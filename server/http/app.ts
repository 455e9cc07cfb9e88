import express, { type Express, type Request, type RequestHandler } from 'express'
import type { Logger } from '../log/class-logs'
import { createApi } from './api'
import { isSafeHost, toBaseUrl, toReachable } from './base-url'
import type { Callers } from './callers'
import { createPages } from './create-pages'
import { refuseForeignPages } from './foreign-pages'
import { refuseLargeForms } from './large-forms'
import { isLocal } from './local-visit'
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

function toVisit(request: Request, { urls, createClasses }: AppDeps) {
  const host = request.get('host')
  const address = request.ip ?? ''
  const isTrusted: (peer: string | undefined, hops: number) => boolean = request.app.get('trust proxy fn')
  const byTrustedProxy = isTrusted(request.socket.remoteAddress, 0)
  const local = () =>
    isLocal({ headers: request.headers, address, byTrustedProxy }) && isSafeHost(host, urls.publicUrl)
  return {
    baseUrl: toBaseUrl(urls.publicUrl, host),
    address,
    livekitUrl: toReachable(urls.livekitPublicUrl, urls.publicUrl, toBaseUrl(urls.publicUrl, host)),
    mayCreate: createClasses === 'anyone' || (createClasses === 'local' && local()),
  }
}
