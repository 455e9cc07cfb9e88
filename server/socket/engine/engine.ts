import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket as NetSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { EngineSocket } from './engine-socket'
import type { Shared } from './owner'
import { type EngineLimits, toOpenFrame } from './packets'
import { findFault, isBelow, refuseRequest, refuseUpgrade } from './requests'

/** Short beside a ping's interval, and 10,000 sockets are looked through in a third of a millisecond. */
const TICK_MS = 250
/** A message of a browser is one fragment; a proxy may cut one of 64 kB into a few. */
const FRAGMENTS_LIMIT = 64
/** For the other side of a goodbye; whoever keeps us waiting keeps no slot. */
const CLOSE_MS = 5000
/** `ws` takes it; its types do not know it yet. */
const goodbye = { closeTimeout: CLOSE_MS }

export type EngineOptions = {
  httpServer: HttpServer | HttpsServer
  /** Requests below it, `/path/...`, are answered here; all others belong to others. */
  path: string
  limits: EngineLimits & { handshakeMs: number }
  /** Part of the ids of sockets: they are not met in another process. */
  processId: string
  /** Whether a page of this origin may connect. */
  mayUpgrade(request: IncomingMessage): boolean
  /** Upgrades of thousands have to wait for their turn. */
  takeTurn(work: () => void): void
  ask: Shared['ask']
}

export type Engine = {
  readonly size: number
  /** All are disconnected. */
  close(): void
}

/** A Socket.IO server of one namespace over websockets, for stock clients; why: docs/decisions/0007. */
export function createEngine(options: EngineOptions): Engine {
  const { httpServer, limits, path } = options
  const sockets = new Set<EngineSocket>()
  const toTicks = (ms: number) => Math.ceil(ms / TICK_MS)
  let tick = 0
  let number = 0
  const shared: Shared = {
    get tick() {
      return tick
    },
    ticksPerSecond: toTicks(1000),
    pingTicks: toTicks(limits.pingIntervalMs),
    pongTicks: toTicks(limits.pingTimeoutMs),
    handshakeTicks: toTicks(limits.handshakeMs),
    toId: (n) => `${options.processId}-${n}`,
    ask: options.ask,
    closed: (socket) => void sockets.delete(socket),
  }
  const server = new WebSocketServer<typeof EngineSocket>({
    noServer: true,
    clientTracking: false,
    WebSocket: EngineSocket,
    perMessageDeflate: false,
    maxPayload: limits.frameBytes,
    maxFragments: FRAGMENTS_LIMIT,
    // Not to those who do not read: see `mayAnswer`.
    autoPong: false,
    ...goodbye,
  })

  function onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer) {
    if (!isBelow(path, request)) return
    const fault = findFault(request)
    if (fault) return refuseUpgrade(stream, 400, fault)
    if (!options.mayUpgrade(request)) return refuseUpgrade(stream, 403, { code: 4, message: 'Forbidden' })
    // Somebody who goes away while waiting is no fault of ours.
    stream.on('error', destroy)
    options.takeTurn(() => {
      stream.off('error', destroy)
      if (!stream.destroyed) upgrade(request, stream as NetSocket, head)
    })
  }

  function upgrade(request: IncomingMessage, net: NetSocket, head: Buffer) {
    // The answer to the upgrade and the first message go to the system as one.
    net.cork()
    server.handleUpgrade(request, net, head, (socket) => {
      number += 1
      socket.begin(net, request.headers.host, number, shared)
      sockets.add(socket)
      net.write(toOpenFrame(socket.id, limits))
    })
    net.uncork()
  }

  const stopAnswering = answerBelow(httpServer, path)
  httpServer.on('upgrade', onUpgrade)
  const startedAt = performance.now()
  function beat() {
    // By the clock: the timers of a busy process are late, and a stock client waits for its ping no longer for that.
    tick = Math.floor((performance.now() - startedAt) / TICK_MS)
    for (const socket of sockets) socket.beat()
  }
  // After what has arrived is read: a pong that lies there is in time.
  const timer = setInterval(() => setImmediate(beat), TICK_MS)
  timer.unref()

  return {
    get size() {
      return sockets.size
    },
    close() {
      clearInterval(timer)
      httpServer.off('upgrade', onUpgrade)
      stopAnswering()
      for (const socket of sockets) socket.close()
    },
  }
}

function destroy(this: Duplex) {
  this.destroy()
}

/** Ordinary requests below `path` are answered before whoever answers the rest of this server hears of them. */
function answerBelow(httpServer: HttpServer | HttpsServer, path: string): () => void {
  const others = httpServer.listeners('request') as ((...args: unknown[]) => void)[]
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (isBelow(path, request)) return refuseRequest(response, findFault(request))
    for (const other of others) other.call(httpServer, request, response)
  }
  httpServer.removeAllListeners('request')
  httpServer.on('request', answer)
  return () => {
    httpServer.off('request', answer)
    for (const other of others) httpServer.on('request', other)
  }
}
