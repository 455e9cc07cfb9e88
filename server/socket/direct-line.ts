import type { Socket as NetSocket } from 'node:net'
import type { Socket } from 'socket.io'

/**
 * What lies under a Socket.IO socket, as far as we look: Engine.IO's socket with the packets that wait for its
 * transport, the `ws` with its sender, the TCP or TLS socket. Most of it is private to those libraries: taken only as
 * far as it is there.
 */
type Conn = { readyState: string; writeBuffer: readonly unknown[]; transport: { name: string; socket?: Ws } }
type Ws = { readyState: number; _sender?: Sender; _socket?: NetSocket }
type Sender = { _state: number }

const WS_OPEN = 1
/** The sender of `ws` is neither compressing nor reading a blob: all it was given stands whole in the net socket. */
const SENDER_IDLE = 0

/** The way past Socket.IO, Engine.IO and `ws` into the connection itself. */
export class DirectLine {
  readonly net: NetSocket
  readonly #conn: Conn
  readonly #ws: Ws
  readonly #sender: Sender

  constructor(conn: Conn, ws: Ws, sender: Sender, net: NetSocket) {
    this.#conn = conn
    this.#ws = ws
    this.#sender = sender
    this.net = net
  }

  /**
   * Everything sent the ordinary way so far has been handed to the net socket, in whole frames: what is written to it
   * now comes after that and within nothing.
   */
  isFree(): boolean {
    return this.#conn.writeBuffer.length === 0 && this.#sender._state === SENDER_IDLE && !this.isGone()
  }

  /** On its way out: what is written now is read by nobody. */
  isGone(): boolean {
    return this.#ws.readyState !== WS_OPEN || this.#conn.readyState !== 'open'
  }

  /** Packets wait in Engine.IO: what comes after them has to wait there too. */
  isQueueing(): boolean {
    return this.#conn.writeBuffer.length > 0
  }
}

/** null: this connection is no WebSocket of the kind we know. */
export function findDirectLine(socket: Pick<Socket, 'conn'>): DirectLine | null {
  const conn = socket.conn as unknown as Conn
  const ws = conn.transport?.name === 'websocket' ? conn.transport.socket : undefined
  const sender = ws?._sender
  if (!ws?._socket || typeof sender?._state !== 'number' || !Array.isArray(conn.writeBuffer)) return null
  return new DirectLine(conn, ws, sender, ws._socket)
}
