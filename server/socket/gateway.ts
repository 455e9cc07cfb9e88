import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { type DefaultEventsMap, Server } from 'socket.io'
import type { ClassLogs, Logger } from '../log/class-logs'
import type { Tokens } from '../people/tokens'
import { toError } from '../protocol/errors'
import type { ClientToServerEvents, ServerToClientEvents } from '../protocol/events'
import { type Admitted, authenticate } from './authenticate'
import { createCommandDesk } from './command-desk'
import { Connection, type GatewaySocket } from './connection'
import { findDirectLine } from './direct-line'
import { createFloodGuards } from './flood-guards'
import { forgetHandshake, forgetResponse } from './handshake-leftovers'
import { createLiveClasses } from './live-classes'
import type { Member } from './member'
import { isAllowedOrigin } from './origins'
import { createPresence, type Presence } from './presence'
import type { PresenceLimits } from './presence-ledger'
import { createTurnstile } from './turns'
import type { AccessMaker } from './you-sender'

export const GATEWAY_PATH = '/gateway'
/** The largest command is a screen in twenty languages, under 50 kB. */
const FRAME_LIMIT_BYTES = 64 * 1024
/** A dead network is noticed after half a minute at most; ten thousand sockets cost 500 pings a second. */
const PING_INTERVAL_MS = 20_000
const PING_TIMEOUT_MS = 10_000
/** From the upgrade to the end of the handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000
/** Coming back is spread over this long, so that the processes that stay are not overrun. */
const DRAIN_SPREAD_MS = 5_000

/** Tabs and devices, and the half-dead connections of a bad network; each gets every frame of the class. */
const SOCKETS_A_PERSON = 50
/** When half-dead ones have been noticed. */
const CROWDED_RETRY_MS = PING_INTERVAL_MS + PING_TIMEOUT_MS

const TAKEOVER = 'person:takeover'
type TakeOver = { classId: string; personId: string; socketId: string }

export type GatewayDeps = {
  httpServer: HttpServer | HttpsServer
  logs: ClassLogs
  tokens: Pick<Tokens, 'readGateway'>
  access: AccessMaker
  /** Where a browser that came by another name than PUBLIC_URL reaches our URLs; default: as they are. */
  toReachable?: (url: string, host: string | undefined) => string
  /** Origins of pages besides those of the host itself: PUBLIC_URL. */
  origins: readonly string[]
  logger: Logger
  /** For tests: a class that nobody waits 45 s for. */
  presenceLimits?: PresenceLimits
}

export type Gateway = {
  presence: Pick<Presence, 'seen'>
  status(): { sockets: number; classes: number }
  /** Everybody is told to come back elsewhere, at different moments; new ones are not let in. */
  drain(): void
  close(): void
}

/** The Socket.IO endpoint (PROTOCOL.md), attached to a server that somebody else starts. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { logs, logger } = deps
  const now = () => logs.now()
  const guards = createFloodGuards(now)
  const { access, toReachable = (url) => url } = deps
  const classes = createLiveClasses({ logs, access, toReachable, now, logger })
  const presence = createPresence({ logs, logger, limits: deps.presenceLimits })
  const desk = createCommandDesk(logs, logger)
  const connectionDeps = { desk, guards, now, takeOver, logger }
  const takeTurn = createTurnstile()
  let draining = false

  const io = new Server<
    ClientToServerEvents,
    ServerToClientEvents,
    DefaultEventsMap,
    { admitted?: Admitted }
  >(deps.httpServer, {
    path: GATEWAY_PATH,
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: FRAME_LIMIT_BYTES,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    connectTimeout: HANDSHAKE_TIMEOUT_MS,
    // Other upgrades of the same server belong to others.
    destroyUpgrade: false,
    allowRequest: (request, decide) => {
      forgetResponse(request)
      const allowed = isAllowedOrigin(request.headers, deps.origins)
      takeTurn(() => decide(allowed ? null : toError('bad_origin').code, allowed))
    },
  })

  // Nothing is sent by rooms here (fan-out.ts): one for every socket would be memory for nothing.
  io.of('/').adapter.addAll = () => {}

  io.use((socket, next) => {
    takeTurn(() => {
      admit(socket).then(
        () => {
          // The end of the handshake and the snapshot go to the system as one.
          findDirectLine(socket)?.net.cork()
          next()
        },
        (error: Error) => next(error),
      )
    })
  })

  async function admit(socket: GatewaySocket) {
    if (draining) throw toHandshakeError(toError('draining', { retryAfterMs: toSpread() }))
    const answer = await authenticate(socket.handshake.auth, {
      tokens: deps.tokens,
      classes,
      blockedMs: guards.blockedMs,
      isRedisUp: () => logs.status().redis === 'up',
    }).catch((err: unknown) => {
      logger.error({ err }, 'a handshake failed')
      return { ok: false as const, error: toError('internal') }
    })
    if (!answer.ok) throw toHandshakeError(answer.error)
    socket.data.admitted = answer.admitted
  }

  io.on('connection', (socket) => {
    process.nextTick(() => findDirectLine(socket)?.net.uncork())
    const { admitted } = socket.data
    if (!admitted) return socket.disconnect(true)
    const { live, personId, resume } = admitted
    const member = new Connection(socket, admitted, connectionDeps)
    forgetHandshake(socket)
    socket.on('disconnect', () => {
      if (!live.membersOf(personId)) presence.leave(live.classId, personId)
    })
    if ((live.membersOf(personId)?.size ?? 0) >= SOCKETS_A_PERSON) {
      return member.bye('flooding', CROWDED_RETRY_MS)
    }
    live.enter(member, resume)
    if (live.membersOf(personId)) presence.enter(live.classId, personId)
  })

  function takeOver({ socketId, personId }: Member, classId: string) {
    const message: TakeOver = { classId, personId, socketId }
    logs.publishToProcesses(TAKEOVER, message).catch((err: unknown) => {
      logger.warn({ err, classId, personId }, 'other devices could not be told to go')
    })
  }
  const stopTakeOver = logs.onProcessMessage(TAKEOVER, (message) => {
    const { classId, personId, socketId } = message as TakeOver
    const members = classes.find(classId)?.live.membersOf(personId) ?? []
    for (const member of [...members]) if (member.socketId !== socketId) member.bye('taken_over')
  })

  function drain() {
    draining = true
    for (const { live } of [...classes.all()]) live.close('draining', toSpread)
  }

  return {
    presence,
    status: () => ({ sockets: io.engine.clientsCount, classes: [...classes.all()].length }),
    drain,
    close() {
      drain()
      stopTakeOver()
      presence.close()
      guards.close()
      classes.close()
      io.engine.close()
    },
  }
}

function toSpread(): number {
  return Math.round(Math.random() * DRAIN_SPREAD_MS)
}

function toHandshakeError(data: ReturnType<typeof toError>): Error {
  return Object.assign(new Error(data.message), { data })
}
