import type { ServerToClientEvents } from '../protocol/events'
import { type Frame, toEventFrame } from './engine/packets'
import type { Outlet } from './outlet'

export type { Frame }

type EventName = keyof ServerToClientEvents
type PayloadOf<E extends EventName> = Parameters<ServerToClientEvents[E]>[0]

/** An event as it goes over the wire: encoded once, written to as many sockets as need it. */
export function toFrame<E extends EventName>(event: E, payload: PayloadOf<E>): Frame {
  return toFrameOfJson(event, payload === undefined ? null : JSON.stringify(payload))
}

/** `json`: the payload, encoded already; null: the event has none. */
export function toFrameOfJson(event: EventName, json: string | null): Frame {
  return toEventFrame(event, json)
}

export function fanOut(frame: Frame, outlets: Iterable<{ readonly outlet: Pick<Outlet, 'write'> }>): void {
  for (const { outlet } of outlets) outlet.write(frame)
}
