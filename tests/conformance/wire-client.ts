import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'

const WAIT_MS = 15_000

export type WireError = { code: string; message: string; retryable: boolean; retryAfterMs?: number }
export type Answer = { ok: true; seq: number } | { ok: false; error: WireError }
type Fact = { seq: number; at: number; type: string; text?: string; messageId?: string }
export type WireFrame =
  | { name: 'snapshot'; payload: { epoch: number; seq: number; now: number; class: Record<string, unknown> } }
  | { name: 'facts'; payload: { after: number; seq: number; facts: Fact[] } }
  | { name: 'you'; payload: Record<string, unknown> & { seq: number; can: string[] } }
  | { name: 'counts'; payload: Record<string, unknown> }
  | { name: 'resync'; payload: undefined }
  | { name: 'bye'; payload: WireError }

export type Auth = Record<string, unknown>

/** A client of PROTOCOL.md over a bare WebSocket. Knows nothing of our code, nor of any Socket.IO library. */
export class WireClient {
  /** As they came: Engine.IO packets. */
  readonly packets: string[] = []
  readonly frames: WireFrame[] = []
  /** What broke a rule of PROTOCOL.md without being asked for. */
  readonly faults: string[] = []
  position: { epoch: number; seq: number } | null = null
  refusal: { message: string; data?: WireError } | null = null
  isIn = false
  closed: { code: number } | null = null
  answersPings = true
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (answer: never) => void>()
  readonly #lookers = new Set<() => void>()
  #asked = 0

  constructor(url: string, headers: Record<string, string> = {}) {
    const target = `${url.replace(/^http/, 'ws')}/gateway/?EIO=4&transport=websocket`
    this.#socket = new WebSocket(target, { headers, perMessageDeflate: false })
    this.#socket.on('message', (data, isBinary) => {
      if (isBinary) this.faults.push('a binary message')
      this.#hear(String(data))
      this.#look()
    })
    this.#socket.on('close', (code) => {
      this.closed = { code }
      this.#look()
    })
    this.#socket.on('error', () => {})
  }

  /** The handshake, to its end. */
  async enter(auth: Auth | undefined): Promise<this> {
    await this.until((c) => c.packets.length > 0)
    this.position = (auth?.resume as typeof this.position) ?? null
    this.sendPacket(auth === undefined ? '40' : `40${JSON.stringify(auth)}`)
    return this.until((c) => c.isIn || c.refusal !== null || c.closed !== null)
  }

  sendPacket(packet: string | Buffer) {
    this.#socket.send(packet)
  }

  /** An event with an ack. */
  ask<T = Answer>(name: string, ...args: unknown[]): Promise<T> {
    const number = ++this.#asked
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${name}`)), WAIT_MS)
      this.#answers.set(number, (answer: T) => {
        clearTimeout(timer)
        resolve(answer)
      })
      this.sendPacket(`42${number}${JSON.stringify([name, ...args])}`)
    })
  }

  command(name: string, payload: object = {}, id: string = randomUUID()): Promise<Answer> {
    return this.ask(name, { id, ...payload })
  }

  last<N extends WireFrame['name']>(name: N): Extract<WireFrame, { name: N }>['payload'] | undefined {
    return this.frames.findLast((frame) => frame.name === name)?.payload as never
  }

  get facts(): Fact[] {
    return this.frames.flatMap((frame) => (frame.name === 'facts' ? frame.payload.facts : []))
  }

  until(isSo: (client: this) => boolean): Promise<this> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!isSo(this)) return
        clearTimeout(timer)
        this.#lookers.delete(look)
        resolve(this)
      }
      const timer = setTimeout(() => {
        this.#lookers.delete(look)
        const last = this.packets.slice(-5).map((packet) => packet.slice(0, 200))
        const state = { last, closed: this.closed, refusal: this.refusal }
        reject(new Error(`not so in ${WAIT_MS} ms: ${isSo}\n${JSON.stringify(state)}`))
      }, WAIT_MS)
      this.#lookers.add(look)
      look()
    })
  }

  /** Reads no more. */
  pause() {
    this.#socket.pause()
  }

  unpause() {
    this.#socket.resume()
  }

  /** The network goes. */
  cut() {
    this.#socket.terminate()
  }

  close() {
    this.#socket.close()
  }

  #look() {
    for (const look of [...this.#lookers]) look()
  }

  #hear(packet: string) {
    this.packets.push(packet)
    if (packet === '2') {
      if (this.answersPings) this.sendPacket('3')
    } else if (packet.startsWith('44') && !packet.startsWith('44/')) {
      this.refusal = JSON.parse(packet.slice(2))
    } else if (packet.startsWith('40')) {
      this.isIn = true
    } else if (packet.startsWith('43')) {
      const [, number = '', json = ''] = /^43(\d+)(.*)$/s.exec(packet) ?? []
      const [answer] = JSON.parse(json)
      this.#answers.get(Number(number))?.(answer as never)
    } else if (packet.startsWith('42')) {
      const [name, payload] = JSON.parse(packet.slice(2))
      this.#receive({ name, payload } as WireFrame)
    } else if (packet !== '41' && !/^0\{/.test(packet) && !packet.startsWith('44/')) {
      this.faults.push(`a packet of no kind: ${packet.slice(0, 50)}`)
    }
  }

  #receive(frame: WireFrame) {
    this.frames.push(frame)
    if (frame.name === 'snapshot') {
      const { epoch, seq } = frame.payload
      this.position = { epoch, seq }
    } else if (frame.name === 'facts') {
      const { after, seq, facts } = frame.payload
      if (this.position && after !== this.position.seq) {
        this.faults.push(`a hole: at ${this.position.seq}, then after ${after}`)
      }
      if (facts.some((fact, i) => fact.seq <= (facts[i - 1]?.seq ?? after) || fact.seq > seq)) {
        this.faults.push(`facts out of order in ${JSON.stringify(facts)}`)
      }
      if (this.position) this.position = { ...this.position, seq }
    }
  }
}
