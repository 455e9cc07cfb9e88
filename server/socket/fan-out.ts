import type { Socket } from 'socket.io'
import type { ServerToClientEvents } from '../protocol/events'
import { findDirectLine } from './direct-line'
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

/** A reader who lets this much lie is not reading: some 3,000 facts. One frame may come on top, however large. */
export const UNREAD_BYTES_LIMIT = 1024 * 1024
/** Who is further behind than this sees a class that was; coming back with `resume` is the shorter way. */
export const UNREAD_MS_LIMIT = 10_000
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

export type Outlet = {
  write(frame: Frame): void
}

/**
 * Writes frames past Socket.IO's encoding and queues, in order with everything else the socket sends. `onSlow` is
 * called once, when the reader has stopped reading or cannot keep up: what it writes is the last that is sent.
 */
export function createOutlet(socket: Pick<Socket, 'conn'>, onSlow: () => void, now = Date.now): Outlet {
  const { conn } = socket
  const line = findDirectLine(socket)
  let queuedBytes = 0
  /** When a frame was written that the system has not taken yet; 0: it has taken all that we know of. */
  let waitingSince = 0
  let slow = false
  const taken = () => {
    waitingSince = 0
  }
  if (!line) {
    conn.on('drain', () => {
      queuedBytes = 0
    })
  }

  function giveUp() {
    slow = true
    setTimeout(() => (line ? line.net.destroy() : conn.close(true)), LAST_WORD_MS).unref()
    onSlow()
  }

  return {
    write(frame) {
      const queueing = line?.isQueueing() ?? true
      if (!queueing) queuedBytes = 0
      const unreadBytes = queuedBytes + (line?.net.writableLength ?? 0)
      let onTaken: (() => void) | undefined
      if (unreadBytes > 0 && !slow) {
        if (unreadBytes > UNREAD_BYTES_LIMIT) return giveUp()
        if (waitingSince > 0) {
          if (now() - waitingSince > UNREAD_MS_LIMIT) return giveUp()
        } else {
          waitingSince = now()
          onTaken = taken
        }
      }
      if (line?.isFree()) {
        line.net.write(frame.bytes, onTaken)
      } else {
        if (queueing) queuedBytes += frame.bytes.length
        conn.write(frame.packet, { compress: false }, onTaken)
      }
    },
  }
}

export function fanOut(frame: Frame, outlets: Iterable<{ outlet: Outlet }>): void {
  for (const { outlet } of outlets) outlet.write(frame)
}
