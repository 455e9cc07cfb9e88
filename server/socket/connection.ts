import type { DefaultEventsMap, Socket } from 'socket.io'
import type { Logger } from '../log/class-logs'
import { type ByeCode, toError } from '../protocol/errors'
import type { ClientToServerEvents, ClockAnswer, Position, ServerToClientEvents } from '../protocol/events'
import { parsePosition, parseT0 } from '../protocol/questions'
import type { Admitted } from './authenticate'
import type { CommandDesk, Sender } from './command-desk'
import { createOutlet, toFrame } from './fan-out'
import { createFloodGuard, frameLimits, type Verdict } from './flood-guard'
import type { FloodGuards } from './flood-guards'
import type { Member } from './member'

/** `admitted` is there once the handshake is over. */
export type GatewaySocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  DefaultEventsMap,
  { admitted: Admitted }
>

export type ConnectionDeps = {
  desk: CommandDesk
  guards: FloodGuards
  /** Server time, ms. */
  now(): number
  /** The other connections of the same person, here and in other processes, are asked to go. */
  takeOver(member: Member, classId: string): void
  logger: Logger
}

/** Its answer may be a snapshot of a megabyte: a few in a row and two a second, where others are twenty. */
const RESUME_COST = 10

type Answer = (answer: unknown) => void

/** One admitted socket: takes part in its class until it goes, or is told to. */
export function createConnection(socket: GatewaySocket, admitted: Admitted, deps: ConnectionDeps): Member {
  const { live, reports, personId } = admitted
  const { classId } = live
  const { desk, guards, now } = deps
  let over = false

  const member: Member = {
    socketId: socket.id,
    personId,
    outlet: createOutlet(socket, () => bye('slow_consumer')),
    host: socket.handshake.headers.host,
    audience: null,
    bye,
  }

  function bye(code: ByeCode, retryAfterMs?: number) {
    if (over) return
    over = true
    member.outlet.write(toFrame('bye', toError(code, { retryAfterMs })))
    live.leave(member)
    socket.disconnect(true)
  }

  const sender: Sender = {
    classId,
    personId,
    obey(command) {
      switch (command.name) {
        case 'playback:report':
          reports.report(personId, command, now())
          return live.head.seq
        case 'person:takeover':
          deps.takeOver(member, classId)
          return live.head.seq
      }
    },
  }

  function isStopped(verdict: Verdict, answer: Answer): boolean {
    switch (verdict.kind) {
      case 'pass':
        return false
      case 'wait':
        answer({ ok: false, error: toError('too_fast', { retryAfterMs: verdict.retryAfterMs }) })
        return true
      case 'flood':
        deps.logger.warn({ classId, personId }, 'a connection floods')
        bye('flooding', verdict.retryAfterMs)
        return true
    }
  }

  async function handle(name: string, args: unknown[]) {
    const readAt = now()
    const last = args.at(-1)
    const answer: Answer = typeof last === 'function' ? (value) => last(value) : () => {}
    const cost = name === 'resume' ? RESUME_COST : 1
    if (over || isStopped(guards.take(classId, personId, cost), answer)) return
    if (name === 'clock') {
      const t0 = parseT0(args[0])
      if (t0 === null) return answer({ ok: false, error: toError('bad_payload') })
      return answer({ t0, t1: readAt, t2: now() } satisfies ClockAnswer)
    }
    if (name === 'resume') {
      const position: Position | null = parsePosition(args[0])
      if (!position) return answer({ ok: false, error: toError('bad_payload') })
      live.resume(member, position)
      return answer({ ok: true, seq: live.head.seq })
    }
    answer(await desk(sender, name, typeof args[0] === 'function' ? undefined : args[0]))
  }

  const frames = createFloodGuard(frameLimits)
  socket.conn.on('packet', () => {
    const verdict = frames.take(now())
    if (verdict.kind === 'pass' || over) return
    guards.block(classId, personId)
    isStopped(verdict, () => {})
  })
  // No command has binary parts: a client that announces some would make us keep them while it sends on.
  socket.conn.on('data', (data: unknown) => {
    if (typeof data !== 'string') socket.conn.close(true)
  })
  socket.onAny((name: string, ...args: unknown[]) => {
    handle(name, args).catch((err: unknown) => {
      deps.logger.error({ err, classId, personId }, 'a command could not be answered')
    })
  })
  socket.on('disconnect', () => {
    over = true
    live.leave(member)
    if (!live.membersOf(personId)) reports.forget(personId)
  })
  return member
}
