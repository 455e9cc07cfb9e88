import type { Socket } from 'socket.io'
import type { ServerToClientEvents } from '../protocol/events'
import { type DirectLine, findDirectLine } from './direct-line'
import { toTextFrame } from './text-frame'

type EventName = keyof ServerToClientEvents
type PayloadOf<E extends EventName> = Parameters<ServerToClientEvents[E]>[0]

/** An event as it goes over the wire: encoded once, written to as many sockets as need it. */
export type Frame = {
  /** Of the Socket.IO protocol. */
  readonly packet: string
  /** The same as one frame of a WebSocket, shared by all who have not read it yet. */
  readonly bytes: Buffer
}

/** A reader who lets this much lie is not reading: some 3,000 facts, besides the largest frame among them. */
export const UNREAD_BYTES_LIMIT = 1024 * 1024
/** The snapshot of a class of ten thousand (1.5 MB, for staff) takes half of this at 1 Mbit/s. */
export const UNREAD_MS_LIMIT = 30_000
/** For the slow one to read what is there, the last word at its end; then the memory is taken back. */
const LAST_WORD_MS = 10_000

/** Packet type MESSAGE of Engine.IO (v4), then EVENT of Socket.IO (v5), main namespace, no ack. */
const MESSAGE = '4'
const EVENT = '2'

export function toFrame<E extends EventName>(event: E, payload: PayloadOf<E>): Frame {
  return toFrameOfJson(event, payload === undefined ? null : JSON.stringify(payload))
}

/** `json`: the payload, encoded already; null: the event has none. */
export function toFrameOfJson(event: EventName, json: string | null): Frame {
  const packet = json === null ? `${EVENT}["${event}"]` : `${EVENT}["${event}",${json}]`
  return { packet, bytes: toTextFrame(MESSAGE + packet) }
}

/**
 * Writes frames past Socket.IO's encoding and queues, in order with everything else the socket sends. `onSlow` is
 * called once, when the reader has stopped reading or cannot keep up: what it writes is the last that is sent.
 * A class, as whatever there is one of a socket: ten thousand of its closures would weigh more than its fields.
 */
export class Outlet {
  readonly #conn: Socket['conn']
  readonly #line: DirectLine | null
  readonly #onSlow: () => void
  readonly #now: () => number
  #queuedBytes = 0
  /** Of the frames that may lie unread: a large one is no reason to give up whoever gets it. */
  #largestBytes = 0
  /** When a frame was written that the system has not taken yet; 0: it has taken all that we know of. */
  #waitingSince = 0
  #slow = false

  constructor(socket: Pick<Socket, 'conn'>, onSlow: () => void, now = Date.now) {
    this.#conn = socket.conn
    this.#line = findDirectLine(socket)
    this.#onSlow = onSlow
    this.#now = now
    if (this.#line) return
    this.#conn.on('drain', () => {
      this.#queuedBytes = 0
    })
  }

  write(frame: Frame): void {
    const line = this.#line
    // Engine.IO would make an error of it, with a stack: too dear where thousands go at once.
    if (line?.isGone()) return
    const queueing = line?.isQueueing() ?? true
    if (!queueing) this.#queuedBytes = 0
    const unreadBytes = this.#queuedBytes + (line?.net.writableLength ?? 0)
    if (unreadBytes === 0) this.#largestBytes = 0
    else if (this.#isTooSlow(unreadBytes)) {
      this.#giveUp()
      return
    }
    this.#largestBytes = Math.max(this.#largestBytes, frame.bytes.length)
    const onTaken = unreadBytes > 0 ? this.#startWaiting() : undefined
    if (line?.isFree()) {
      line.net.write(frame.bytes, onTaken)
    } else {
      if (queueing) this.#queuedBytes += frame.bytes.length
      this.#conn.write(frame.packet, { compress: false }, onTaken)
    }
  }

  #isTooSlow(unreadBytes: number): boolean {
    if (this.#slow) return false
    if (unreadBytes - this.#largestBytes > UNREAD_BYTES_LIMIT) return true
    return this.#waitingSince > 0 && this.#now() - this.#waitingSince > UNREAD_MS_LIMIT
  }

  /** One frame at a time is watched on its way. */
  #startWaiting(): (() => void) | undefined {
    if (this.#waitingSince > 0) return undefined
    this.#waitingSince = this.#now()
    return () => {
      this.#waitingSince = 0
    }
  }

  #giveUp() {
    this.#slow = true
    setTimeout(() => (this.#line ? this.#line.net.destroy() : this.#conn.close(true)), LAST_WORD_MS).unref()
    this.#onSlow()
  }
}

export function fanOut(frame: Frame, outlets: Iterable<{ readonly outlet: Pick<Outlet, 'write'> }>): void {
  for (const { outlet } of outlets) outlet.write(frame)
}
