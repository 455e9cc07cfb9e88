import type { Ack } from '../../server/protocol/events'
import {
  type ClassModel,
  newClassModel,
  withConnection,
  withFacts,
  withoutHead,
  withSnapshot,
} from './class-model'
import { type ClockSample, offsetOf, toClockSample, withSample } from './clock-offset'
import { createGateway } from './gateway'
import { joinClass } from './join-class'
import { newId } from './new-id'
import {
  type CommandName,
  findExpired,
  type Outbox,
  type Payload,
  type Pending,
  toRetry,
  withoutPending,
  withPending,
} from './outbox'

export type ClassStore = {
  subscribe(listener: () => void): () => void
  read(): ClassModel
  /** Resolves with the gateway's answer; over reconnects too, under one id. */
  command<N extends CommandName>(name: N, payload: Payload<N>): Promise<Ack>
  /** Server time, ms. */
  now(): number
  readonly classId: string
  readonly personId: string
  start(): void
  stop(): void
}

/** A first answer at once, a good one within a second, then enough to follow a drifting clock. */
const CLOCK_QUESTIONS_MS = [0, 150, 300, 500, 800]
const CLOCK_EVERY_MS = 30_000
const SWEEP_EVERY_MS = 2_000

const unanswered: Ack = {
  ok: false,
  error: { code: 'no_answer', message: 'The server did not answer. Try again.', retryable: true },
}

export function createClassStore(classId: string, personId: string, deviceId: string): ClassStore {
  let model: ClassModel = newClassModel
  let outbox: Outbox = []
  let samples: ClockSample[] = []
  let offsetMs = 0
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const listeners = new Set<() => void>()
  const answers = new Map<string, (ack: Ack) => void>()

  function set(next: ClassModel): void {
    if (next === model) return
    model = next
    for (const listener of listeners) listener()
  }

  const gateway = createGateway({
    join: () => joinClass(classId, personId),
    resumeFrom: () => model.head ?? undefined,
    deviceId,
    events: {
      connected() {
        set(withConnection(model, { state: 'connected' }))
        for (const pending of outbox) void send(pending)
        for (const afterMs of CLOCK_QUESTIONS_MS) later(afterMs, askClock)
      },
      reconnecting() {
        set(withConnection(model, { state: 'reconnecting' }))
      },
      closed(code, message) {
        set(withConnection(model, { state: 'disconnected', code, message }))
        for (const pending of outbox) answer(pending.id, unanswered)
      },
      resync: () => set(withoutHead(model)),
      snapshot: (snapshot) => set(withSnapshot(model, snapshot)),
      facts(frame) {
        const applied = withFacts(model, frame)
        if (applied.kind === 'missed') gateway.reopen()
        else set(applied.model)
      },
      you: (you) => set({ ...model, you }),
      counts: (counts) => set({ ...model, counts }),
    },
  })

  function later(afterMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, afterMs)
    timers.add(timer)
  }

  async function askClock(): Promise<void> {
    const answered = await gateway.askClock()
    if (!answered) return
    samples = withSample(samples, toClockSample(answered))
    offsetMs = offsetOf(samples) ?? 0
  }

  function answer(id: string, ack: Ack): void {
    outbox = withoutPending(outbox, id)
    answers.get(id)?.(ack)
    answers.delete(id)
  }

  async function send(pending: Pending): Promise<void> {
    const ack = await gateway.send(pending.name, { id: pending.id, ...pending.payload })
    if (!ack || !answers.has(pending.id)) return
    const again = toRetry(pending, ack)
    if (!again) return answer(pending.id, ack)
    outbox = withPending(withoutPending(outbox, pending.id), again.pending)
    later(again.afterMs, () => void send(again.pending))
  }

  function sweep(): void {
    for (const pending of findExpired(outbox, Date.now())) answer(pending.id, unanswered)
    later(SWEEP_EVERY_MS, sweep)
  }

  function keepClock(): void {
    void askClock()
    later(CLOCK_EVERY_MS, keepClock)
  }

  return {
    classId,
    personId,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    read: () => model,
    now: () => Date.now() + offsetMs,
    command(name, payload) {
      if (model.connection.state === 'disconnected') return Promise.resolve(unanswered)
      const pending: Pending = { id: newId(), name, payload, since: Date.now(), busy: 0 }
      outbox = withPending(outbox, pending)
      void send(pending)
      return new Promise((resolve) => answers.set(pending.id, resolve))
    },
    start() {
      gateway.open()
      later(SWEEP_EVERY_MS, sweep)
      later(CLOCK_EVERY_MS, keepClock)
    },
    stop() {
      gateway.close()
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}
