import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { ClassLogs, Logger } from '../log/class-logs'
import type { Tokens } from '../people/tokens'
import { toError } from '../protocol/errors'
import { type Admitted, type Authentication, authenticate } from './authenticate'
import { createCommandDesk } from './command-desk'
import { Connection } from './connection'
import { createEngine } from './engine/engine'
import type { EngineSocket } from './engine/engine-socket'
import { createFloodGuards } from './flood-guards'
import { createLiveClasses } from './live-classes'
import type { Member } from './member'
import { isAllowedOrigin } from './origins'
import { createPresence, type Presence } from './presence'
import type { PresenceLimits } from './presence-ledger'
import { createTurnstile } from './turns'
import type { AccessMaker } from './you-sender'

const GATEWAY_PATH = '/gateway'
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
  const left = (classId: string, personId: string) => presence.leave(classId, personId)
  const connectionDeps = { desk, guards, now, takeOver, left, logger }
  const takeTurn = createTurnstile()
  let draining = false

  const engine = createEngine({
    httpServer: deps.httpServer,
    path: GATEWAY_PATH,
    limits: {
      pingIntervalMs: PING_INTERVAL_MS,
      pingTimeoutMs: PING_TIMEOUT_MS,
      handshakeMs: HANDSHAKE_TIMEOUT_MS,
      frameBytes: FRAME_LIMIT_BYTES,
    },
    processId: logs.processId,
    mayUpgrade: ({ headers }) => isAllowedOrigin(headers, deps.origins),
    takeTurn,
    ask: (socket, auth) => takeTurn(() => void letIn(socket, auth)),
  })

  async function letIn(socket: EngineSocket, auth: unknown) {
    try {
      const answer = await judge(auth)
      if (!socket.isOpen()) return
      if (answer.ok) enter(socket, answer.admitted)
      else socket.refuse({ message: answer.error.message, data: answer.error })
    } catch (err) {
      logger.error({ err }, 'a handshake failed')
      const data = toError('internal')
      socket.refuse({ message: data.message, data })
    }
  }

  async function judge(auth: unknown): Promise<Authentication> {
    if (draining) return { ok: false, error: toError('draining', { retryAfterMs: toSpread() }) }
    return authenticate(auth, { tokens: deps.tokens, classes, blockedMs: guards.blockedMs })
  }

  function enter(socket: EngineSocket, admitted: Admitted) {
    const { live } = admitted.open
    const { personId } = admitted
    const member = new Connection(socket, admitted, connectionDeps)
    const isCrowded = (live.membersOf(personId)?.length ?? 0) >= SOCKETS_A_PERSON
    socket.admit(member, () => {
      if (isCrowded) member.bye('flooding', CROWDED_RETRY_MS)
      else live.enter(member, admitted.resume)
    })
    if (live.membersOf(personId)) presence.enter(live.classId, personId)
  }

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
    status: () => ({ sockets: engine.size, classes: [...classes.all()].length }),
    drain,
    close() {
      drain()
      stopTakeOver()
      presence.close()
      guards.close()
      classes.close()
      engine.close()
    },
  }
}

function toSpread(): number {
  return Math.round(Math.random() * DRAIN_SPREAD_MS)
}
