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

/** What browsers ask of LiveKit. Its server API, which takes keys and not tokens of people, is nobody's business. */
const livekitPaths = /^\/(rtc|settings)(\/|\?|$)/

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
  return {
    hls: (request, response) => void origin.web(request, response),
    livekit: (request, response) => {
      if (livekitPaths.test(request.url)) void livekit.web(request, response)
      else response.status(404).end()
    },
    upgradeLivekit(request, socket, head) {
      request.url = (request.url ?? '').slice(LIVEKIT_PREFIX.length)
      if (!livekitPaths.test(request.url)) socket.destroy()
      else livekit.ws(request, socket as Socket, head)
    },
    close() {
      origin.close()
      livekit.close()
    },
  }
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
    if ('writeHead' in answer) refuse(answer)
    else answer.destroy()
  })
  return proxy
}

function refuse(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else
    response
      .writeHead(502, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
      .end('Bad gateway\n')
}
