import { toTextFrame } from './text-frame'

/**
 * Engine.IO 4 and Socket.IO 5 as far as a gateway speaks them: text, the main namespace, acknowledgements of the
 * server's only (https://socket.io/docs/v4/engine-io-protocol, https://socket.io/docs/v4/socket-io-protocol).
 */
export type Packet =
  | { kind: 'connect'; auth: unknown }
  | { kind: 'event'; name: string; args: readonly unknown[]; ackId: number | null }
  | { kind: 'pong' }
  /** The client takes its leave. */
  | { kind: 'disconnect' }
  /** A namespace that is not here is asked for. */
  | { kind: 'foreign'; namespace: string }
  /** Allowed, and of no consequence. */
  | { kind: 'nothing' }
  /** No client of these protocols sends it, or nobody needs it: binary attachments. */
  | { kind: 'broken' }

const engine = { open: '0', close: '1', ping: '2', pong: '3', message: '4', upgrade: '5', noop: '6' } as const
const io = { connect: '0', disconnect: '1', event: '2', ack: '3', connectError: '4' } as const

/** 15 digits are always exact, and more than anybody asks in a life. */
const ACK_ID = /^\d{1,15}/
/** A token of ours has some hundred; what nobody has vouched for is not worth taking apart. */
const AUTH_CHARACTERS = 8192
/** It is said back to whoever asked for it. */
const NAMESPACE_CHARACTERS = 128
/** What stock clients keep for themselves: an event of this name is no event. */
const RESERVED = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
])

const broken: Packet = { kind: 'broken' }
const nothing: Packet = { kind: 'nothing' }

/** A message of a client, untrusted; never throws. */
export function parsePacket(text: string): Packet {
  switch (text[0]) {
    case engine.message:
      return parseMessage(text)
    case engine.pong:
      return { kind: 'pong' }
    case engine.close:
      return { kind: 'disconnect' }
    case engine.upgrade:
    case engine.noop:
      return nothing
    default:
      return broken
  }
}

function parseMessage(text: string): Packet {
  const type = text[1]
  if (text[2] === '/') {
    const comma = text.indexOf(',')
    const namespace = text.slice(2, comma === -1 ? undefined : comma)
    return type === io.connect && namespace.length <= NAMESPACE_CHARACTERS
      ? { kind: 'foreign', namespace }
      : broken
  }
  switch (type) {
    case io.connect:
      return parseConnect(text.slice(2))
    case io.event:
      return parseEvent(text.slice(2))
    case io.disconnect:
      return { kind: 'disconnect' }
    case io.ack:
      return nothing
    default:
      return broken
  }
}

function parseConnect(json: string): Packet {
  if (json === '') return { kind: 'connect', auth: undefined }
  if (json.length > AUTH_CHARACTERS) return broken
  const auth = parseJson(json)
  return typeof auth === 'object' && auth !== null && !Array.isArray(auth)
    ? { kind: 'connect', auth }
    : broken
}

function parseEvent(text: string): Packet {
  const digits = ACK_ID.exec(text)?.[0] ?? ''
  const values = parseJson(text.slice(digits.length))
  if (!Array.isArray(values)) return broken
  const [name, ...args] = values as unknown[]
  if (typeof name !== 'string' || RESERVED.has(name)) return broken
  return { kind: 'event', name, args, ackId: digits === '' ? null : Number(digits) }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** One text message as it stands on the wire, to be written to any number of sockets. */
export type Frame = Buffer

const toMessageFrame = (packet: string) => toTextFrame(engine.message + packet)

export type EngineLimits = { pingIntervalMs: number; pingTimeoutMs: number; frameBytes: number }

/** The first message to a client. `id` gives no right to anything. */
export function toOpenFrame(id: string, limits: EngineLimits): Frame {
  const { pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout, frameBytes: maxPayload } = limits
  const open = { sid: id, upgrades: [], pingInterval, pingTimeout, maxPayload }
  return toTextFrame(engine.open + JSON.stringify(open))
}

export const PING_FRAME: Frame = toTextFrame(engine.ping)
export const DISCONNECT_FRAME: Frame = toMessageFrame(io.disconnect)

export function toConnectFrame(id: string): Frame {
  return toMessageFrame(`${io.connect}{"sid":"${id}"}`)
}

/** `data` is what a stock client gives its `connect_error` besides the words. */
export function toConnectErrorFrame(error: { message: string; data?: unknown }, namespace = ''): Frame {
  return toMessageFrame(io.connectError + (namespace && `${namespace},`) + JSON.stringify(error))
}

/** `json`: the payload, encoded already; null: the event has none. */
export function toEventFrame(name: string, json: string | null): Frame {
  return toMessageFrame(json === null ? `${io.event}["${name}"]` : `${io.event}["${name}",${json}]`)
}

export function toAckFrame(id: number, answer: unknown): Frame {
  return toMessageFrame(`${io.ack}${id}[${JSON.stringify(answer)}]`)
}
