import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import type { ClassPage } from '../../server/http/pages'

/** Until the first snapshot is here. */
export function Entering({ page }: { page: ClassPage }) {
  const m = useMessages()
  return (
    <main className="page page-narrow" data-tier={page.access.tier} data-role={page.role}>
      <Brand />
      <div className="card">
        <h1>{page.title}</h1>
        <p className="muted">{m.stage.connecting}</p>
      </div>
    </main>
  )
}
