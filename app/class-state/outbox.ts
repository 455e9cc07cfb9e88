import type { PersonCommand } from '../../server/classroom/commands'
import type { Ack, GatewayCommandName, GatewayCommands, PayloadOf } from '../../server/protocol/events'

export type CommandName = PersonCommand['name'] | GatewayCommandName
export type Payload<N extends CommandName> = N extends GatewayCommandName
  ? GatewayCommands[N]
  : N extends PersonCommand['name']
    ? PayloadOf<N>
    : never

/** A command that has no answer yet. `id` stays the same over every resend: the server answers it once. */
export type Pending = {
  id: string
  name: CommandName
  payload: object
  since: number
  /** Times it came back as "not now". */
  busy: number
}
export type Outbox = readonly Pending[]

/** Nobody still wants what they clicked that long ago. */
const COMMAND_LIFE_MS = 30_000
/** "Busy" passes within moments, or not at all. */
const BUSY_RETRIES = 3

export function withPending(outbox: Outbox, pending: Pending): Outbox {
  return [...outbox, pending]
}
export function withoutPending(outbox: Outbox, id: string): Outbox {
  return outbox.filter((pending) => pending.id !== id)
}
export function findExpired(outbox: Outbox, now: number): Outbox {
  return outbox.filter((pending) => now - pending.since >= COMMAND_LIFE_MS)
}

/** Refusals are answers. Only a server that could not decide (`busy`, `unavailable`) is asked again. */
export function toRetry(pending: Pending, ack: Ack): { afterMs: number; pending: Pending } | null {
  if (ack.ok || !ack.error.retryable || pending.busy >= BUSY_RETRIES) return null
  if (ack.error.code !== 'busy' && ack.error.code !== 'unavailable') return null
  return { afterMs: ack.error.retryAfterMs ?? 500, pending: { ...pending, busy: pending.busy + 1 } }
}
