import type { ReactNode } from 'react'
import { useClass, useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import type { ClassPage } from '../../server/http/pages'
import { ConnectionStatus } from './connection-status'
import { RecordedNotice } from './recorded-notice'

export function TopBar({ page, children }: { page: ClassPage; children?: ReactNode }) {
  const m = useMessages()
  const phase = useView((view) => view.phase)
  const quiet = useView((view) => view.quiet)
  const here = useClass(({ counts }) => (counts ? counts.seats.held + counts.overflow : null))
  return (
    <header className="top-bar">
      <img src="/favicon.svg" alt="" width="28" height="28" />
      <h1 className="ellipsis" title={page.title}>
        {page.title}
      </h1>
      <div className="row top-badges">
        <span className={phase === 'live' ? 'badge badge-live' : 'badge'}>
          {phase === 'live' && <span className="dot" aria-hidden="true" />}
          {m.bar.phase[phase]}
        </span>
        <RecordedNotice />
        {quiet && (
          <span className="badge badge-warn" title={m.bar.quietDetail}>
            {m.bar.quiet}
          </span>
        )}
        {here !== null && <span className="badge numbers">{m.bar.here(here)}</span>}
        {page.links && <span className="badge numbers">{m.bar.code(page.code)}</span>}
        <ConnectionStatus />
      </div>
      {children}
    </header>
  )
}
