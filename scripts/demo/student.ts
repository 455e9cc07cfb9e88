import { randomUUID } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import type { PersonCommand } from '../../server/classroom/commands'
import type { Phase } from '../../server/classroom/state'
import type { ErrorBody } from '../../server/protocol/errors'
import {
  type Ack,
  type FactsFrame,
  type PayloadOf,
  type Position,
  PROTOCOL_VERSION,
  type SnapshotFrame,
  type YouFrame,
} from '../../server/protocol/events'
import { type DemoPerson, enterClass, type Identity, registerStudent } from './entry'
import { type Http, HttpProblem } from './http'
import { keepOpenQuestions, toOpenQuestions } from './open-questions'
import { pause } from './pause'
import type { Random } from './random'
import type { Tally } from './tally'

const ACK_TIMEOUT_MS = 10_000
/** PROTOCOL.md: pauses of 1 s, 2 s ... 30 s, each with some chance in it. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** A refusal that does not say when to try again: a person who was told no does something else for a while. */
const AFTER_REFUSAL_MS = 30_000
/** One limit for both. */
const requestCommands: ReadonlySet<string> = new Set(['hand:raise', 'question:ask'])

type Name = PersonCommand['name']

export type StudentDeps = {
  http: Http
  gatewayUrl: string
  classId: string
  identity: Identity
  random: Random
  tally: Tally
  /** A `you` came. */
  onYou: (student: Student) => void
}

/** One simulated person: comes in, stays connected, comes back, and does what is asked of it. */
export class Student {
  /** Null while there is no connection. */
  you: YouFrame | null = null
  phase: Phase | null = null
  questions = new Set<string>()
  /** Server time of what their player shows. */
  sawAt: number | undefined
  private socket: Socket | null = null
  private position: Position | null = null
  private waitsForResume = false
  private isOver = false
  private pauseMs = FIRST_PAUSE_MS
  private readonly barredUntil = new Map<Name, number>()
  private readonly arrived: Promise<void>
  private tellArrived = () => {}

  constructor(
    private readonly deps: StudentDeps,
    private person: DemoPerson | null = null,
  ) {
    this.arrived = new Promise((resolve) => {
      this.tellArrived = resolve
    })
  }

  get language(): string {
    return this.deps.identity.language
  }

  /** Resolves when they are in, or will never be. */
  get settled(): Promise<void> {
    return this.arrived
  }

  /** Resolves when there is no way back, or at `signal`. */
  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.isOver) {
      await this.attend(signal).catch((error: Error) => this.meet(error))
      this.you = null
      if (this.isOver) break
      await pause(this.pauseMs * this.deps.random.between(0.5, 1.5), signal)
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS)
    }
    this.tellArrived()
  }

  /** Whether the class lets them, and no refusal of late says to wait. */
  may(name: Name): boolean {
    if (!this.you?.can.includes(name)) return false
    return performance.now() >= (this.barredUntil.get(name) ?? 0)
  }

  /** True: accepted. Refusals and faults are counted. */
  async send<N extends Name>(name: N, payload: PayloadOf<N>): Promise<boolean> {
    const { socket } = this
    if (!socket?.connected) return false
    const startedAt = performance.now()
    try {
      const command = { id: randomUUID(), ...payload }
      const answer: Ack = await socket.timeout(ACK_TIMEOUT_MS).emitWithAck(name, command)
      this.deps.tally.ack(performance.now() - startedAt)
      if (!answer.ok) this.heed(name, answer.error)
      return answer.ok
    } catch {
      // a person whose click had no effect clicks again or forgets it; this one forgets
      if (!this.isOver) this.deps.tally.fail('no_ack')
      return false
    }
  }

  /** Leaves the class; nothing comes after. */
  async leave(): Promise<void> {
    this.isOver = true
    if (this.socket?.connected) await this.send('person:leave', {})
    this.socket?.disconnect()
  }

  /** One connection, from the join to its end. */
  private async attend(signal: AbortSignal): Promise<void> {
    const { http, classId, identity, gatewayUrl } = this.deps
    this.person ??= await registerStudent(http, classId, identity)
    const token = await enterClass(http, classId, this.person)
    if (signal.aborted) return
    const socket = io(gatewayUrl, {
      path: '/gateway',
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      // on this machine: see http.ts
      rejectUnauthorized: false,
      auth: { token, protocol: PROTOCOL_VERSION, ...(this.position && { resume: this.position }) },
    })
    this.socket = socket
    this.listen(socket)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.on('disconnect', () => resolve())
        socket.on('connect_error', reject)
      })
    } finally {
      socket.disconnect()
    }
  }

  private listen(socket: Socket): void {
    socket.on('snapshot', ({ epoch, seq, class: view }: SnapshotFrame) => {
      this.position = { epoch, seq }
      this.waitsForResume = false
      this.phase = view.phase
      this.questions = toOpenQuestions(view)
    })
    socket.on('facts', (frame: FactsFrame) => this.receive(socket, frame))
    socket.on('resync', () => {
      this.position = null
    })
    socket.on('you', (you: YouFrame) => {
      this.you = you
      this.pauseMs = FIRST_PAUSE_MS
      this.tellArrived()
      this.deps.onYou(this)
    })
    socket.on('bye', ({ code, retryable, retryAfterMs }: ErrorBody) => {
      if (!retryable) this.isOver = true
      else this.deps.tally.fail(code)
      this.pauseMs = retryAfterMs ?? this.pauseMs
    })
  }

  private receive(socket: Socket, { after, seq, facts }: FactsFrame): void {
    if (!this.position) return
    if (after !== this.position.seq) {
      if (!this.waitsForResume) {
        this.deps.tally.fail('hole')
        socket.emit('resume', this.position, () => {})
      }
      this.waitsForResume = true
      return
    }
    this.waitsForResume = false
    this.position = { ...this.position, seq }
    for (const fact of facts) {
      keepOpenQuestions(this.questions, fact)
      if (fact.type === 'class.started') this.phase = 'live'
      if (fact.type === 'class.ended') {
        this.phase = 'ended'
        this.isOver = true
      }
    }
    // the server would close in a minute; nothing is left to do
    if (this.isOver) socket.disconnect()
  }

  /** A refusal holds for a while, for all commands that it is about. */
  private heed(name: Name, { code, retryAfterMs }: ErrorBody): void {
    this.deps.tally.refuse(code)
    const until = performance.now() + (retryAfterMs ?? AFTER_REFUSAL_MS)
    const names = requestCommands.has(name) && code === 'rate_limited' ? requestCommands : [name]
    for (const barred of names) this.barredUntil.set(barred as Name, until)
  }

  /** A join or a handshake that failed. */
  private meet(error: Error & { data?: ErrorBody }): void {
    const { code, isFinal, retryAfterMs } = toTrouble(error)
    if (this.isOver) return
    this.deps.tally.fail(code)
    this.isOver = isFinal
    this.pauseMs = retryAfterMs ?? this.pauseMs
  }
}

function toTrouble(error: Error & { data?: ErrorBody }) {
  if (error instanceof HttpProblem) return error
  const { data } = error
  if (data) return { code: data.code, isFinal: !data.retryable, retryAfterMs: data.retryAfterMs }
  return { code: 'unreachable', isFinal: false, retryAfterMs: undefined }
}
