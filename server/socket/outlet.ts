import type { Frame } from './engine/packets'

/** A reader who lets this much lie is not reading: some 3,000 facts, besides the largest frame among them. */
export const UNREAD_BYTES_LIMIT = 1024 * 1024
/** The snapshot of a class of ten thousand (1.5 MB, for staff) takes half of this at 1 Mbit/s. */
export const UNREAD_MS_LIMIT = 30_000
/** For the slow one to read what is there, the last word at its end; then the memory is taken back. */
const LAST_WORD_MS = 10_000

/** A connection, as far as writing to it goes. */
export type Line = {
  readonly net: {
    readonly writableLength: number
    readonly writableCorked: number
    write(bytes: Buffer, onTaken?: () => void): unknown
    destroy(): unknown
  }
  /** On its way out nobody reads any more. */
  isOpen(): boolean
}

/** Whoever decides what becomes of a reader who is too slow. */
export type Writer = {
  /** The reader has stopped reading or cannot keep up: what is written now is the last that is sent. Called once. */
  tooSlow(): void
}

/**
 * Writes frames to one reader, in order, and bounds what may lie unread. A class, as whatever there is one of a socket:
 * ten thousand of its closures would weigh more than its fields.
 */
export class Outlet {
  readonly #line: Line
  readonly #writer: Writer
  readonly #now: () => number
  /** Of the frames that may lie unread: a large one is no reason to give up whoever gets it. */
  #largestBytes = 0
  /** When a frame was written that the system has not taken yet; 0: it has taken all that we know of. */
  #waitingSince = 0
  #slow = false

  /** `now`: ms of any steady clock. */
  constructor(line: Line, writer: Writer, now: () => number = Date.now) {
    this.#line = line
    this.#writer = writer
    this.#now = now
  }

  write(frame: Frame): void {
    if (!this.#line.isOpen()) return
    const { net } = this.#line
    const unreadBytes = net.writableLength
    // What is corked has not been offered to the system yet: nobody is slow to take it.
    const offered = unreadBytes > 0 && net.writableCorked === 0
    if (unreadBytes === 0) this.#largestBytes = 0
    if (offered && this.#isTooSlow(unreadBytes)) {
      this.#giveUp()
      return
    }
    this.#largestBytes = Math.max(this.#largestBytes, frame.length)
    net.write(frame, offered ? this.#startWaiting() : undefined)
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
    setTimeout(() => this.#line.net.destroy(), LAST_WORD_MS).unref()
    this.#writer.tooSlow()
  }
}
