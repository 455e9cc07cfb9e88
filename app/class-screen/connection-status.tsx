import type { Connection } from '~/class-state/class-model'
import { useClass } from '~/class-state/use-class'
import type { Messages } from '~/i18n/en'
import { useMessages } from '~/i18n/messages'

export function ConnectionStatus() {
  const m = useMessages()
  const connection = useClass((model) => model.connection)
  const look = connection.state === 'connected' ? 'badge badge-good' : 'badge badge-warn'
  return (
    <span role="status" aria-label={m.connection.name} className={look} data-connection={connection.state}>
      <span className="dot" aria-hidden="true" />
      <span>{wordsOf(connection, m)}</span>
    </span>
  )
}

function wordsOf(connection: Connection, m: Messages): string {
  if (connection.state !== 'disconnected') return m.connection[connection.state]
  const { code, message } = connection
  return m.connection.disconnected(m.connection.reasons[code] ?? (message || m.connection.unknownReason))
}
