import type { Socket } from 'socket.io'
import type { ServerToClientEvents } from '../protocol/events'

type EventName = keyof ServerToClientEvents
type PayloadOf<E extends EventName> = Parameters<ServerToClientEvents[E]>[0]

/** An event as it goes over the wire: encoded once, written to as many sockets as need it. */
export type Frame = { readonly packet: string }

/** A reader who lets this many frames lie is not reading: memory is for those who do. */
export const UNREAD_FRAMES_LIMIT = 1000

/** Packet type EVENT of the Socket.IO protocol (v5), main namespace, no ack. */
const EVENT = '2'

export function toFrame<E extends EventName>(event: E, payload: PayloadOf<E>): Frame {
  return toFrameOfJson(event, payload === undefined ? null : JSON.stringify(payload))
}

/** `json`: the payload, encoded already; null: the event has none. */
export function toFrameOfJson(event: EventName, json: string | null): Frame {
  return { packet: json === null ? `${EVENT}["${event}"]` : `${EVENT}["${event}",${json}]` }
}

export type Outlet = {
  write(frame: Frame): void
}

/**
 * Writes frames past Socket.IO's per-socket encoding, in order with everything else the socket sends. `onLagging` is
 * called once, when the reader has stopped reading.
 */
export function createOutlet({ conn }: Pick<Socket, 'conn'>, onLagging: () => void): Outlet {
  let unread = 0
  let lagging = false
  // Engine.IO hands its whole buffer to the transport each time that one is ready: then nothing is unread.
  conn.on('drain', () => {
    unread = 0
  })
  return {
    write(frame) {
      if (lagging) return
      unread += 1
      conn.write(frame.packet, { compress: false })
      if (unread <= UNREAD_FRAMES_LIMIT) return
      lagging = true
      onLagging()
    },
  }
}

export function fanOut(frame: Frame, outlets: Iterable<{ outlet: Outlet }>): void {
  for (const { outlet } of outlets) outlet.write(frame)
}
