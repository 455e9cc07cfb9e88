import type { ClassLogs, Logger, Outcome } from '../log/class-logs'
import { toFailure } from '../people/submit'
import { type GatewayCommand, parseCommand } from '../protocol/commands'
import { toError } from '../protocol/errors'
import type { Ack } from '../protocol/events'

export type Sender = {
  classId: string
  personId: string
  /** What the gateway answers itself. Returns the number to acknowledge with. */
  obey(command: GatewayCommand): number
}

export type CommandDesk = (sender: Sender, name: string, payload: unknown) => Promise<Ack>

/** Takes a command as it came from a socket, has it decided, and answers. Never throws. */
export function createCommandDesk(logs: Pick<ClassLogs, 'submit'>, logger: Logger): CommandDesk {
  return async function handle(sender, name, payload) {
    const { classId, personId } = sender
    try {
      const parsed = parseCommand(name, payload)
      if (!parsed.ok) return parsed
      if (parsed.to === 'gateway') return { ok: true, seq: sender.obey(parsed.command) }
      const { id, command } = parsed
      return toAck(await logs.submit(classId, { id, by: { kind: 'person', personId }, command }))
    } catch (err) {
      logger.error({ err, classId, personId, command: name.slice(0, 64) }, 'a command failed')
      return { ok: false, error: toError('internal') }
    }
  }
}

function toAck(outcome: Outcome): Ack {
  return outcome.ok ? { ok: true, seq: outcome.seq } : toFailure(outcome)
}
