import type { DefaultEventsMap, Socket } from 'socket.io'
import type { Audience } from '../classroom/audience'
import type { Logger } from '../log/class-logs'
import type { GatewayCommand } from '../protocol/commands'
import { type ByeCode, toError } from '../protocol/errors'
import type { ClientToServerEvents, ClockAnswer, ServerToClientEvents } from '../protocol/events'
import { parsePosition, parseT0 } from '../protocol/questions'
import type { Admitted } from './authenticate'
import type { CommandDesk, Sender } from './command-desk'
import { Outlet, toFrame } from './fan-out'
import { FloodGuard, frameLimits, type Verdict } from './flood-guard'
import type { FloodGuards } from './flood-guards'
import type { LiveClass } from './live-class'
import type { Member } from './member'
import type { PlaybackReports } from './playback-health'

/** `admitted` is there from the end of the handshake until a connection is made of it. */
export type GatewaySocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  DefaultEventsMap,
  { admitted?: Admitted }
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
const unanswered: Answer = () => {}

/** One admitted socket: takes part in its class until it goes, or is told to. */
export class Connection implements Member, Sender {
  readonly personId: string
  readonly outlet: Outlet
  readonly host: string | undefined
  audience: Audience | null = null
  seq = 0
  readonly #socket: GatewaySocket
  readonly #live: LiveClass
  readonly #reports: PlaybackReports
  readonly #deps: ConnectionDeps
  readonly #frames = new FloodGuard(frameLimits)
  #over = false

  constructor(socket: GatewaySocket, { live, reports, personId }: Admitted, deps: ConnectionDeps) {
    this.personId = personId
    this.host = socket.handshake.headers.host
    this.outlet = new Outlet(socket, () => this.bye('slow_consumer'))
    this.#socket = socket
    this.#live = live
    this.#reports = reports
    this.#deps = deps
    this.#listen()
  }

  get socketId(): string {
    return this.#socket.id
  }

  get classId(): string {
    return this.#live.classId
  }

  bye(code: ByeCode, retryAfterMs?: number): void {
    if (this.#over) return
    this.#over = true
    this.outlet.write(toFrame('bye', toError(code, { retryAfterMs })))
    this.#live.leave(this)
    this.#socket.disconnect(true)
  }

  obey(command: GatewayCommand): number {
    switch (command.name) {
      case 'playback:report':
        this.#reports.report(this.personId, command, this.#deps.now())
        return this.#live.head.seq
      case 'person:takeover':
        this.#deps.takeOver(this, this.classId)
        return this.#live.head.seq
    }
  }

  #listen() {
    const { conn } = this.#socket
    conn.on('packet', () => this.#count())
    // No command has binary parts: a client that announces some would make us keep them while it sends on.
    conn.on('data', (data: unknown) => {
      if (typeof data !== 'string') conn.close(true)
    })
    this.#socket.onAny((name: string, ...args: unknown[]) => {
      this.#handle(name, args).catch((err: unknown) => {
        const { classId, personId } = this
        this.#deps.logger.error({ err, classId, personId }, 'a command could not be answered')
      })
    })
    this.#socket.on('disconnect', () => {
      this.#over = true
      this.#live.leave(this)
      if (!this.#live.membersOf(this.personId)) this.#reports.forget(this.personId)
    })
  }

  /** Frames of every kind, those too that are no commands. */
  #count() {
    const verdict = this.#frames.take(this.#deps.now())
    if (verdict.kind === 'pass' || this.#over) return
    this.#deps.guards.block(this.classId, this.personId)
    this.#isStopped(verdict, unanswered)
  }

  #isStopped(verdict: Verdict, answer: Answer): boolean {
    switch (verdict.kind) {
      case 'pass':
        return false
      case 'wait':
        answer({ ok: false, error: toError('too_fast', { retryAfterMs: verdict.retryAfterMs }) })
        return true
      case 'flood': {
        const { classId, personId } = this
        this.#deps.logger.warn({ classId, personId }, 'a connection floods')
        this.bye('flooding', verdict.retryAfterMs)
        return true
      }
    }
  }

  async #handle(name: string, args: unknown[]) {
    const { desk, guards, now } = this.#deps
    const readAt = now()
    const last = args.at(-1)
    const answer: Answer = typeof last === 'function' ? (value) => last(value) : unanswered
    const cost = name === 'resume' ? RESUME_COST : 1
    if (this.#over || this.#isStopped(guards.take(this.classId, this.personId, cost), answer)) return
    if (name === 'clock') {
      const t0 = parseT0(args[0])
      if (t0 === null) return answer({ ok: false, error: toError('bad_payload') })
      return answer({ t0, t1: readAt, t2: now() } satisfies ClockAnswer)
    }
    if (name === 'resume') {
      const position = parsePosition(args[0])
      if (!position) return answer({ ok: false, error: toError('bad_payload') })
      this.#live.resume(this, position)
      return answer({ ok: true, seq: this.#live.head.seq })
    }
    answer(await desk(this, name, typeof args[0] === 'function' ? undefined : args[0]))
  }
}
