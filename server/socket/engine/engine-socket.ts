import type { Socket as NetSocket } from 'node:net'
import { type RawData, WebSocket } from 'ws'
import { countFrame, isFlood } from './frame-meter'
import type { Owner, Shared } from './owner'
import {
  DISCONNECT_FRAME,
  type Packet,
  PING_FRAME,
  parsePacket,
  toConnectErrorFrame,
  toConnectFrame,
} from './packets'

/** For the last word to reach them. */
const LAST_WORD_MS = 1000
/** Whoever asks more often than this, and reads none of it, is not waiting for the answers. */
const ANSWERS_UNREAD = 64

type Phase = 'greeting' | 'asking' | 'refused' | 'in' | 'waiting for a pong'

/**
 * One client. `ws` reads, answers what closes, and closes; what we send are whole frames of our own, written straight
 * to the net socket: they stand between those of `ws` and never within one, as nothing is compressed. No closures, no
 * timers, no objects of its own: ten thousand of each would weigh more than the rest.
 */
export class EngineSocket extends WebSocket {
  /** Set by `begin`, before anybody else sees the socket. */
  net!: NetSocket
  host: string | undefined
  #shared!: Shared
  #owner: Owner | null = null
  #phase: Phase = 'greeting'
  #number = 0
  /** The tick at which something is overdue: the end of the handshake, a ping, a pong. */
  #due = 0
  #framesLevel = 0
  #framesSecond = 0
  /** What we answered by ourselves since nothing lay unread. */
  #answers = 0

  begin(net: NetSocket, host: string | undefined, number: number, shared: Shared): void {
    this.net = net
    this.host = host
    this.#shared = shared
    this.#number = number
    this.#due = shared.tick + shared.handshakeTicks
    this.on('message', onMessage)
    this.on('ping', onPing)
    this.on('pong', onPong)
    this.on('error', onError)
    this.on('close', onClose)
  }

  get id(): string {
    return this.#shared.toId(this.#number)
  }

  /** Somebody may read what is written now. */
  isOpen(): boolean {
    return this.readyState === WebSocket.OPEN
  }

  /** The end of the handshake; what the owner writes until this returns goes to the system together with it. */
  admit(owner: Owner, enter: () => void): void {
    const { tick, pingTicks } = this.#shared
    this.#owner = owner
    this.#phase = 'in'
    // The first ping is early, at another moment for each: who came together is not pinged together.
    this.#due = tick + 1 + (this.#number % pingTicks)
    this.net.cork()
    try {
      this.net.write(toConnectFrame(this.id))
      enter()
    } finally {
      this.net.uncork()
    }
  }

  /** They hear why; what is left of the time for a handshake is theirs to go. */
  refuse(error: { message: string; data: unknown }): void {
    if (!this.isOpen()) return
    this.#phase = 'refused'
    this.net.write(toConnectErrorFrame(error))
  }

  /** After what has been written; the client is told that this was the server's doing. */
  hangUp(): void {
    if (this.isOpen() && this.#owner) this.net.write(DISCONNECT_FRAME)
    this.close()
    this.end()
  }

  /** The same for those who will not stop: nothing more is read of them, and their own goodbye is not waited for. */
  shutUp(): void {
    this.hangUp()
    this.pause()
    setTimeout(() => this.terminate(), LAST_WORD_MS).unref()
  }

  /** Called every tick. */
  beat(): void {
    const { tick, pongTicks } = this.#shared
    if (tick < this.#due || !this.isOpen()) return
    switch (this.#phase) {
      case 'in':
        this.#phase = 'waiting for a pong'
        this.#due = tick + pongTicks
        this.net.write(PING_FRAME)
        return
      case 'waiting for a pong':
        this.terminate()
        return
      default:
        this.close()
    }
  }

  take(packet: Packet): void {
    if (!this.isOpen()) return
    switch (packet.kind) {
      case 'event':
        if (this.#owner) this.#owner.receive(packet.name, packet.args, packet.ackId)
        else this.close()
        break
      case 'pong':
        if (this.#phase === 'waiting for a pong') this.#expectNothing()
        break
      case 'connect':
        if (this.#phase === 'greeting') this.#ask(packet.auth)
        else this.close()
        break
      case 'foreign':
        if (this.mayAnswer()) {
          this.net.write(toConnectErrorFrame({ message: 'Invalid namespace' }, packet.namespace))
        }
        break
      case 'nothing':
        break
      case 'disconnect':
      case 'broken':
        this.close()
        this.end()
        break
    }
  }

  #ask(auth: unknown) {
    this.#phase = 'asking'
    this.#shared.ask(this, auth)
  }

  /** Until the next ping. */
  #expectNothing() {
    this.#phase = 'in'
    this.#due = this.#shared.tick + this.#shared.pingTicks
  }

  /** What needs no owner is answered past their bound on what may lie unread; it has this of its own. */
  mayAnswer(): boolean {
    if (this.net.writableLength === 0) this.#answers = 0
    this.#answers += 1
    if (this.#answers <= ANSWERS_UNREAD) return true
    this.terminate()
    return false
  }

  /** False: too many, and nothing more is to be done for this one. On its way out it may not flood us either. */
  count(bytes: number): boolean {
    if (this.isPaused) return false
    const second = Math.floor(this.#shared.tick / this.#shared.ticksPerSecond)
    this.#framesLevel = countFrame(this.#framesLevel, second - this.#framesSecond, bytes)
    this.#framesSecond = second
    if (!isFlood(this.#framesLevel)) return true
    if (this.#owner && this.isOpen()) this.#owner.flooded()
    else this.terminate()
    return false
  }

  /** Whoever has to do with this socket forgets it. */
  end(): void {
    this.#shared.closed(this)
    const owner = this.#owner
    this.#owner = null
    owner?.gone()
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean) {
  const socket = this as EngineSocket
  if (!socket.count(sizeOf(data)) || !socket.isOpen()) return
  // No command has binary parts: a client that announces some would make us keep them while it sends on.
  socket.take(isBinary ? { kind: 'broken' } : parsePacket(String(data)))
}

function onPing(this: WebSocket, data: Buffer) {
  const socket = this as EngineSocket
  if (socket.count(0) && socket.isOpen() && socket.mayAnswer()) socket.pong(data)
}

function onPong(this: WebSocket) {
  ;(this as EngineSocket).count(0)
}

/** Of a message as `ws` gives it by default, in one buffer. */
function sizeOf(data: RawData): number {
  return Buffer.isBuffer(data) ? data.length : 0
}

/** `ws` has closed the connection, or is about to: a frame too large, a network gone. */
function onError() {}

function onClose(this: WebSocket) {
  ;(this as EngineSocket).end()
}
