import type { ClassLogs } from '../log/class-logs'

/** Something changed at LiveKit: look. Never a truth by itself, webhooks may be lost or come twice. */
export type LivekitHint = { kind: 'room' | 'egress'; classId: string }

const TOPIC = 'livekit:hint'

/** A webhook reaches one process, the class may be led by another: every process hears every hint. */
export function shareHints(
  logs: Pick<ClassLogs, 'publishToProcesses' | 'onProcessMessage'>,
  take: (hint: LivekitHint) => void,
): (hint: LivekitHint) => void {
  logs.onProcessMessage(TOPIC, (message) => take(message as LivekitHint))
  return (hint) => void logs.publishToProcesses(TOPIC, hint)
}
