import { io, type Socket } from 'socket.io-client'
import type {
  Ack,
  ByeFrame,
  CountsFrame,
  FactsFrame,
  Position,
  SnapshotFrame,
  YouFrame,
} from '../../server/protocol/events'
import type { ClockAnswer } from './clock-offset'
import type { JoinOutcome } from './join-class'
import { retryDelayMs } from './retry-delay'

/** Longer than any answer of a healthy gateway, shorter than a person's patience. */
const ANSWER_MS = 8_000
const PROBE_MS = 3_000
const PROTOCOL = 1

export type GatewayEvents = {
  connected(): void
  /** The connection is gone and will be tried again. */
  reconnecting(): void
  /** It will not be tried again. */
  closed(code: string, message: string): void
  /** What was known is not the class any more; a snapshot follows. */
  resync(): void
  snapshot(snapshot: SnapshotFrame): void
  facts(frame: FactsFrame): void
  you(you: YouFrame): void
  counts(counts: CountsFrame): void
}

export type Gateway = {
  open(): void
  close(): void
  /** Connect anew at once, to resume from where `resumeFrom` says. */
  reopen(): void
  /** Resolves with null if no answer came: send again after the next `connected`. */
  send(name: string, message: object): Promise<Ack | null>
  askClock(): Promise<ClockAnswer | null>
}

type Dependencies = {
  join(): Promise<JoinOutcome>
  resumeFrom(): Position | undefined
  deviceId: string
  events: GatewayEvents
}

/** One Socket.IO connection that comes back by itself, each time with a fresh token. */
export function createGateway({ join, resumeFrom, deviceId, events }: Dependencies): Gateway {
  let socket: Socket | null = null
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Counts openings and closings: whatever an older one still brings is not for us. */
  let turn = 0

  function drop(): void {
    turn++
    clearTimeout(timer)
    socket?.removeAllListeners()
    socket?.disconnect()
    socket = null
  }

  function retry(afterMs?: number): void {
    drop()
    events.reconnecting()
    timer = setTimeout(connect, afterMs ?? retryDelayMs(attempt++, Math.random()))
  }

  function finish(code: string, message: string): void {
    drop()
    events.closed(code, message)
  }

  async function connect(): Promise<void> {
    const mine = ++turn
    const outcome = await join()
    if (mine !== turn) return
    if (outcome.ok) attach(outcome.answer.gateway)
    else if (outcome.retryable) retry(outcome.retryAfterMs)
    else finish(outcome.code, outcome.message)
  }

  function attach(gateway: { url: string; token: string }): void {
    const resume = resumeFrom()
    const opened = io(gateway.url, {
      path: '/gateway',
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token: gateway.token, protocol: PROTOCOL, deviceId, ...(resume && { resume }) },
    })
    socket = opened
    let bye: ByeFrame | null = null
    opened.on('connect', () => {
      attempt = 0
      events.connected()
    })
    opened.on('connect_error', (error: Error & { data?: ByeFrame }) => {
      const why = error.data
      if (why && !why.retryable) finish(why.code, why.message)
      else retry(why?.retryAfterMs)
    })
    opened.on('bye', (said: ByeFrame) => {
      bye = said
    })
    opened.on('disconnect', () => {
      if (bye && !bye.retryable) finish(bye.code, bye.message)
      else retry(bye?.retryAfterMs)
    })
    opened.on('resync', events.resync)
    opened.on('snapshot', events.snapshot)
    opened.on('facts', events.facts)
    opened.on('you', events.you)
    opened.on('counts', events.counts)
  }

  async function ask<T>(name: string, message: object, withinMs: number): Promise<T | null> {
    const asked = socket
    if (!asked?.connected) return null
    try {
      return (await asked.timeout(withinMs).emitWithAck(name, message)) as T
    } catch {
      return null
    }
  }

  async function askClock(): Promise<ClockAnswer | null> {
    const t0 = Date.now()
    const answer = await ask<{ t1: number; t2: number }>('clock', { t0 }, PROBE_MS)
    return answer && { t0, t1: answer.t1, t2: answer.t2, t3: Date.now() }
  }

  /** After a change of network or a sleep: a dead connection looks alive for most of a minute otherwise. */
  async function probe(): Promise<void> {
    const asked = socket
    if (!asked?.connected) {
      if (timer !== undefined && socket === null) retry(0)
      return
    }
    if ((await askClock()) === null && asked === socket) retry(0)
  }
  /** The machine says that it has no network: what is still said on the old connection is not to be believed. */
  const onOffline = () => {
    if (socket) retry()
  }
  const onVisible = () => {
    if (document.visibilityState === 'visible') void probe()
  }

  return {
    open() {
      window.addEventListener('online', probe)
      window.addEventListener('offline', onOffline)
      document.addEventListener('visibilitychange', onVisible)
      attempt = 0
      void connect()
    },
    close() {
      window.removeEventListener('online', probe)
      window.removeEventListener('offline', onOffline)
      document.removeEventListener('visibilitychange', onVisible)
      drop()
      timer = undefined
    },
    reopen: () => retry(0),
    send: (name, message) => ask<Ack>(name, message, ANSWER_MS),
    askClock,
  }
}
