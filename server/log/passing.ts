import type { Redis } from 'ioredis'
import type { Envelope } from '../classroom/commands'
import type { Logger } from '../logger'
import type { Bus } from '../redis/bus'
import { processChannel } from '../redis/names'
import { publish } from '../redis/publish'
import type { Led } from './leader'

type Message =
  | { kind: 'command'; ref: number; from: string; classId: string; envelope: Envelope }
  | { kind: 'answer'; ref: number; led: Led }

/** `received`: how many processes have got it. */
type Packet = { messages: Message[]; received: Promise<number> }

/** Takes commands to the process that leads their class, over a channel that each process has. */
export interface Passing {
  /** `silent`: no answer in time. The command may have been carried out: a resend under the same id tells. */
  pass(leader: string, classId: string, envelope: Envelope): Promise<Led | 'silent'>
  close(): void
}

export type PassingDeps = {
  redis: Redis
  bus: Bus
  processId: string
  timeoutMs: number
  logger: Logger
  /** Decides if this process leads the class. */
  decide(classId: string, envelope: Envelope): Promise<Led>
}

export async function createPassing(deps: PassingDeps): Promise<Passing> {
  const { redis, bus, processId, timeoutMs, logger } = deps
  const waiting = new Map<number, (led: Led | 'silent') => void>()
  let refs = 0
  const stop = await bus.listen(processChannel(processId), (text) => {
    for (const message of JSON.parse(text) as Message[]) {
      if (message.kind === 'answer') waiting.get(message.ref)?.(message.led)
      else if (isEnvelope(message.envelope)) void answer(message)
      else logger.warn({ classId: message.classId }, 'A passed command is none')
    }
  })

  async function answer({ ref, from, classId, envelope }: Extract<Message, { kind: 'command' }>) {
    try {
      const led = await deps.decide(classId, envelope)
      await send(from, { kind: 'answer', ref, led })
    } catch (error) {
      // The sender's time runs out, and its resend meets the same fault or a better moment.
      logger.error({ err: error, classId, command: envelope.command.name }, 'A passed command failed')
    }
  }

  const outbox = new Map<string, Packet>()

  /** What is sent in one turn of the loop travels together: a leader answers hundreds at once. */
  function send(to: string, message: Message): Promise<number> {
    const packet = outbox.get(to) ?? post(to)
    packet.messages.push(message)
    return packet.received
  }

  function post(to: string): Packet {
    const messages: Message[] = []
    const turn = new Promise((resolve) => setImmediate(resolve))
    const received = turn.then(() => {
      outbox.delete(to)
      return publish(redis, processChannel(to), JSON.stringify(messages))
    })
    const packet = { messages, received }
    outbox.set(to, packet)
    return packet
  }

  return {
    pass(leader, classId, envelope) {
      const ref = ++refs
      return new Promise((resolve) => {
        const settle = (led: Led | 'silent') => {
          clearTimeout(timer)
          waiting.delete(ref)
          resolve(led)
        }
        const timer = setTimeout(settle, timeoutMs, 'silent')
        waiting.set(ref, settle)
        send(leader, { kind: 'command', ref, from: processId, classId, envelope }).then(
          // Nobody listens to a process that is gone.
          (receivers) => receivers === 0 && settle('silent'),
          () => settle('silent'),
        )
      })
    },
    close() {
      stop()
      for (const settle of [...waiting.values()]) settle('silent')
    },
  }
}

/** A fault of a command is its own; without a command there is nobody's, and the leader would stumble over it. */
function isEnvelope(envelope: Partial<Envelope> | undefined): boolean {
  return typeof envelope?.by?.kind === 'string' && typeof envelope.command?.name === 'string'
}
