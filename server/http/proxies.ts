import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RequestHandler } from 'express'
import { createProxyServer } from 'http-proxy-3'
import type { Logger } from '../log/class-logs'

/** A blocking reload of a playlist is held for three target durations at most; LiveKit answers at once. */
const PROXY_TIMEOUT_MS = 30_000

/**
 * What browsers ask of LiveKit. Its server API is nobody's business, and a teacher's token would open some of it: so
 * no dots and nothing encoded, which the proxy would resolve (`/rtc/../twirp`) after we have looked.
 */
const livekitPaths = /^\/(rtc|settings)(\/[A-Za-z0-9_-]+)*\/?(\?|$)/

export type Proxies = {
  /** Mount below `/hls`: playlists, parts and segments, as the origin answers them. */
  hls: RequestHandler
  /** Mount below `/livekit`. */
  livekit: RequestHandler
  /** A websocket upgrade of `/livekit/...`, with the prefix. */
  upgradeLivekit(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): void
}

export const LIVEKIT_PREFIX = '/livekit'

export function createProxies(
  { originUrl, livekitUrl }: { originUrl: string; livekitUrl: string },
  logger: Logger,
): Proxies {
  const origin = createProxy(originUrl, logger)
  const livekit = createProxy(livekitUrl.replace(/^ws/, 'http'), logger)
  const passOn = (proxy: typeof origin, request: IncomingMessage, response: ServerResponse) => {
    if (hasBody(request)) return refuse(response, 400, 'No body is taken here\n')
    forgetCookies(request)
    void proxy.web(request, response)
  }
  return {
    hls: (request, response) => passOn(origin, request, response),
    livekit: (request, response) => {
      if (livekitPaths.test(request.url)) passOn(livekit, request, response)
      else response.status(404).end()
    },
    upgradeLivekit(request, socket, head) {
      request.url = (request.url ?? '').slice(LIVEKIT_PREFIX.length)
      if (!livekitPaths.test(request.url) || hasBody(request)) return socket.destroy()
      forgetCookies(request)
      livekit.ws(request, socket as Socket, head)
    },
    close() {
      origin.close()
      livekit.close()
    },
  }
}

/**
 * Nobody who watches or speaks sends one. Upstream connections are shared: a body whose end two servers see at
 * different places would be read there as somebody's next request (request smuggling).
 */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** Who a browser is, is between it and us: LiveKit may be somebody else's. */
function forgetCookies({ headers }: IncomingMessage): void {
  delete headers.cookie
}

function createProxy(target: string, logger: Logger) {
  const AgentOf = target.startsWith('https:') ? TlsAgent : Agent
  const proxy = createProxyServer({
    target,
    changeOrigin: true,
    // Thousands of held reloads are thousands of sockets at the same time: kept, so that the next burst finds them.
    agent: new AgentOf({ keepAlive: true }),
    proxyTimeout: PROXY_TIMEOUT_MS,
  })
  proxy.on('error', (error, _request, answer) => {
    logger.debug({ err: error, target }, 'a proxied request failed')
    if ('writeHead' in answer) refuse(answer, 502, 'Bad gateway\n')
    else answer.destroy()
  })
  return proxy
}

function refuse(response: ServerResponse, status: number, words: string): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }).end(words)
}
