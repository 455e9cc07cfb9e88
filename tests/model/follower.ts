import { setTimeout as wait } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import { evolveView } from '../../server/classroom/evolve-view'
import type { ClassView } from '../../server/classroom/view'
import type { ErrorBody } from '../../server/protocol/errors'
import type { Ack, FactsFrame, Position, SnapshotFrame, YouFrame } from '../../server/protocol/events'

/** As PROTOCOL.md has it. */
const ACK_PATIENCE_MS = 10_000
/** PROTOCOL.md asks for more manners: here nobody waits seconds. */
const LONGEST_PAUSE_MS = 200

export type Verdict =
  | { kind: 'done'; seq: number }
  | { kind: 'refused'; code: string }
  /** The person is not in the class any more, or this follower was stopped. */
  | { kind: 'outside' }

export type Entrance = { url: string; token: string }

/** One device of a person: connects, keeps the class, comes back, resends; notes what breaks the protocol. */
export class Follower {
  view: ClassView | null = null
  position: Position | null = null
  you: YouFrame | null = null
  /** Not connected, and not about to be. */
  over: string | null = 'not begun'
  readonly faults: string[] = []
  resumes = 0
  #socket: Socket | null = null
  #told = new Set<number>()
  #isNew = false
  #staying: Promise<void> | null = null
  readonly #enter: () => Promise<Entrance | ErrorBody | null>

  /** `enter`: the join over HTTP at whichever server process is there; null: none is. */
  constructor(
    readonly name: string,
    enter: () => Promise<Entrance | ErrorBody | null>,
  ) {
    this.#enter = enter
  }

  get connected(): boolean {
    return this.#socket?.connected === true && this.you !== null
  }

  start() {
    if (this.over === null) return
    this.over = null
    this.#staying ??= this.#stay().finally(() => {
      this.#staying = null
    })
  }

  stop() {
    this.over ??= 'stopped'
    this.#socket?.disconnect()
  }

  /** The network breaks. */
  cut() {
    this.#net()?.destroy()
  }

  /** Reads nothing until the returned function is called. */
  pause(): () => void {
    const net = this.#net()
    net?.pause()
    return () => void net?.resume()
  }

  /** Sends a command, and again under the same id, until there is an answer. */
  async send(name: string, payload: object, id: string): Promise<Verdict> {
    while (this.over === null) {
      const socket = this.#socket
      if (!socket || !this.connected) {
        await wait(10)
        continue
      }
      const ack: Ack | null = await socket
        .timeout(ACK_PATIENCE_MS)
        .emitWithAck(name, { id, ...payload })
        .catch(() => null)
      if (!ack) socket.disconnect()
      else if (ack.ok) return { kind: 'done', seq: ack.seq }
      else if (isPassing(ack.error)) await pauseFor(ack.error)
      else return { kind: 'refused', code: ack.error.code }
    }
    return { kind: 'outside' }
  }

  async #stay() {
    while (this.over === null) {
      const entrance = await this.#enter()
      if (entrance && 'token' in entrance) await this.#session(entrance)
      else if (entrance && !entrance.retryable) this.over ??= entrance.code
      await wait(30)
    }
  }

  #session({ url, token }: Entrance): Promise<void> {
    const resume = this.position ?? undefined
    this.you = null
    this.#isNew = true
    return new Promise((resolve) => {
      const socket = io(url, {
        path: '/gateway',
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        auth: { token, protocol: 1, resume },
      })
      this.#socket = socket
      socket.onAny((event: string, payload: unknown) => this.#hear(event, payload))
      socket.on('connect_error', (error: Error & { data?: ErrorBody }) => {
        if (error.data?.retryable === false) this.over ??= error.data.code
        socket.disconnect()
        resolve()
      })
      socket.on('disconnect', () => resolve())
    })
  }

  #hear(event: string, payload: unknown) {
    switch (event) {
      case 'snapshot': {
        const { epoch, seq, class: view } = payload as SnapshotFrame
        this.view = view
        this.position = { epoch, seq }
        this.#told = new Set()
        this.#isNew = false
        return
      }
      case 'facts':
        return this.#apply(payload as FactsFrame)
      case 'you':
        if (this.#isNew) this.#fault('`you` before a snapshot or facts')
        this.you = payload as YouFrame
        return
      case 'resync':
        this.#isNew = true
        return
      case 'bye': {
        const { code, retryable } = payload as ErrorBody
        if (code === 'flooding' || code === 'slow_consumer') this.#fault(`bye ${code}`)
        if (!retryable) this.over ??= code
      }
    }
  }

  #apply({ after, seq, facts }: FactsFrame) {
    const { position, view } = this
    if (!position || !view) return this.#fault('facts before a snapshot')
    if (after !== position.seq) this.#fault(`a hole: at ${position.seq}, then facts after ${after}`)
    if (this.#isNew) this.resumes += 1
    this.#isNew = false
    let last = 0
    for (const fact of facts) {
      if (this.#told.has(fact.seq)) this.#fault(`fact ${fact.seq} told twice`)
      if (fact.seq <= last || fact.seq > seq) this.#fault(`fact ${fact.seq} out of order in ${after}..${seq}`)
      this.#told.add(fact.seq)
      last = fact.seq
    }
    this.view = facts.reduce<ClassView>(evolveView, view)
    this.position = { epoch: position.epoch, seq }
  }

  #fault(words: string) {
    this.faults.push(`${this.name}: ${words}`)
  }

  #net(): { destroy(): void; pause(): void; resume(): void } | undefined {
    const transport = this.#socket?.io.engine?.transport as { ws?: { _socket?: never } } | undefined
    return transport?.ws?._socket
  }
}

/** The same command may succeed in a moment: the server is at fault, not the command. */
function isPassing({ code, retryable }: ErrorBody): boolean {
  return retryable && ['busy', 'unavailable', 'internal', 'too_fast'].includes(code)
}

function pauseFor({ retryAfterMs }: ErrorBody): Promise<void> {
  return wait(Math.min(retryAfterMs ?? LONGEST_PAUSE_MS, LONGEST_PAUSE_MS))
}
