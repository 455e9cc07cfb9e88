import type { Audience } from '../classroom/audience'
import type { Logger } from '../log/class-logs'
import type { GatewayCommand } from '../protocol/commands'
import { type ByeCode, toError } from '../protocol/errors'
import type { ClockAnswer } from '../protocol/events'
import { parsePosition, parseT0 } from '../protocol/questions'
import type { Admitted } from './authenticate'
import type { CommandDesk, Sender } from './command-desk'
import type { EngineSocket } from './engine/engine-socket'
import type { Owner } from './engine/owner'
import { toAckFrame } from './engine/packets'
import { toFrame } from './fan-out'
import type { Verdict } from './flood-guard'
import type { FloodGuards } from './flood-guards'
import type { OpenClass } from './live-classes'
import type { Member } from './member'
import { Outlet, type Writer } from './outlet'

export type ConnectionDeps = {
  desk: CommandDesk
  guards: FloodGuards
  /** Server time, ms. */
  now(): number
  /** The other connections of the same person, here and in other processes, are asked to go. */
  takeOver(member: Member, classId: string): void
  /** Their last connection to this process is gone. */
  left(classId: string, personId: string): void
  logger: Logger
}

/** Its answer may be a snapshot of a megabyte: a few in a row and two a second, where others are twenty. */
const RESUME_COST = 10

type Answer = (answer: unknown) => void
const unanswered: Answer = () => {}

/** One admitted socket: takes part in its class until it goes, or is told to. */
export class Connection implements Member, Sender, Owner, Writer {
  readonly personId: string
  readonly outlet: Outlet
  audience: Audience | null = null
  seq = 0
  readonly #socket: EngineSocket
  readonly #class: OpenClass
  readonly #deps: ConnectionDeps
  #over = false

  constructor(socket: EngineSocket, { open, personId }: Admitted, deps: ConnectionDeps) {
    this.personId = personId
    this.outlet = new Outlet(socket, this)
    this.#socket = socket
    this.#class = open
    this.#deps = deps
  }

  get host(): string | undefined {
    return this.#socket.host
  }

  get socketId(): string {
    return this.#socket.id
  }

  get classId(): string {
    return this.#class.live.classId
  }

  bye(code: ByeCode, retryAfterMs?: number): void {
    if (this.#over) return
    this.#over = true
    this.outlet.write(toFrame('bye', toError(code, { retryAfterMs })))
    this.#class.live.leave(this)
    this.#socket.hangUp()
  }

  obey(command: GatewayCommand): number {
    switch (command.name) {
      case 'playback:report':
        this.#class.reports.report(this.personId, command, this.#deps.now())
        return this.#class.live.head.seq
      case 'person:takeover':
        this.#deps.takeOver(this, this.classId)
        return this.#class.live.head.seq
    }
  }

  tooSlow(): void {
    this.bye('slow_consumer')
  }

  flooded(): void {
    if (this.#over) return
    this.#deps.guards.block(this.classId, this.personId)
    this.#isStopped(this.#deps.guards.take(this.classId, this.personId), unanswered)
  }

  gone(): void {
    this.#over = true
    const { live, reports } = this.#class
    live.leave(this)
    if (live.membersOf(this.personId)) return
    reports.forget(this.personId)
    this.#deps.left(this.classId, this.personId)
  }

  receive(name: string, args: readonly unknown[], ackId: number | null): void {
    const answer: Answer =
      ackId === null ? unanswered : (value) => this.outlet.write(toAckFrame(ackId, value))
    this.#handle(name, args[0], answer).catch((err: unknown) => {
      const { classId, personId } = this
      this.#deps.logger.error({ err, classId, personId }, 'a command could not be answered')
    })
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
        this.#socket.shutUp()
        return true
      }
    }
  }

  async #handle(name: string, payload: unknown, answer: Answer) {
    const { desk, guards, now } = this.#deps
    const readAt = now()
    const cost = name === 'resume' ? RESUME_COST : 1
    if (this.#over || this.#isStopped(guards.take(this.classId, this.personId, cost), answer)) return
    if (name === 'clock') {
      const t0 = parseT0(payload)
      if (t0 === null) return answer({ ok: false, error: toError('bad_payload') })
      return answer({ t0, t1: readAt, t2: now() } satisfies ClockAnswer)
    }
    const { live } = this.#class
    if (name === 'resume') {
      const position = parsePosition(payload)
      if (!position) return answer({ ok: false, error: toError('bad_payload') })
      live.resume(this, position)
      return answer({ ok: true, seq: live.head.seq })
    }
    answer(await desk(this, name, payload))
  }
}
