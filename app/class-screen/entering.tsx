import type { ReactNode } from 'react'
import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import type { ClassPage } from '../../server/http/pages'

/** Until the first snapshot is here. */
export function Entering({ page, status }: { page: ClassPage; status?: ReactNode }) {
  const m = useMessages()
  return (
    <main className="page page-narrow" data-tier={page.access.tier} data-role={page.role}>
      <div className="row row-between">
        <Brand />
        {status}
      </div>
      <div className="card">
        <h1>{page.title}</h1>
        <p className="muted">{m.stage.connecting}</p>
      </div>
    </main>
  )
}
