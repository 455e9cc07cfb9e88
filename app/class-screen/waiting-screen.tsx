import { useClass, useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import type { Role } from '../../server/classroom/people'
import { ConnectionStatus } from './connection-status'
import { RecordedNotice } from './recorded-notice'

/** Not let in yet: why, and how long the line is. It opens by itself. */
export function WaitingScreen({ title, role }: { title: string; role: Role }) {
  const m = useMessages()
  const phase = useView((view) => view.phase)
  const showPositions = useView((view) => view.settings.showPositions)
  const position = useClass(({ you }) => you?.waiting?.position)
  return (
    <main className="page page-narrow" data-tier="waiting" data-role={role}>
      <div className="row row-between">
        <Brand />
        <div className="row">
          <RecordedNotice />
          <ConnectionStatus />
        </div>
      </div>
      <div className="card">
        <p className="muted">{title}</p>
        <h1>{m.waiting.title}</h1>
        <p>{phase === 'draft' ? m.waiting.draft : m.waiting.lobby}</p>
        <p aria-live="polite" className="position">
          {showPositions && position !== undefined && position > 0 && m.waiting.position(position)}
        </p>
        <p className="small">
          <a href="/check" target="_blank" rel="noreferrer">
            {m.waiting.check}
          </a>
        </p>
      </div>
    </main>
  )
}
