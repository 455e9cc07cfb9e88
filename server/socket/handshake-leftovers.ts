import type { IncomingMessage } from 'node:http'
import type { GatewaySocket } from './connection'

/**
 * What a handshake leaves at a connection for as long as it lasts, though nobody reads it again: a request with its
 * headers, the answer to it, a token. Together they are a sixth of an idle socket.
 */
const NOTHING = Object.freeze({})

/** Once the socket has been admitted, and what is needed of it taken. */
export function forgetHandshake(socket: GatewaySocket): void {
  Object.assign(socket.handshake, { headers: NOTHING, auth: NOTHING, query: NOTHING, time: '' })
  Object.assign(socket, { data: NOTHING })
  Object.assign(socket.conn, { request: null })
}

/**
 * While Engine.IO asks whether to accept a request: its stand-in for a response (`WebSocketResponse`) waits for the end
 * of the connection to say that it is over, and holds the request until then. Nobody listens.
 */
export function forgetResponse({ socket }: IncomingMessage): void {
  const last = socket.listeners('close').at(-1)
  if (last && String(last).includes('this.emit("close")')) socket.off('close', last as () => void)
}
