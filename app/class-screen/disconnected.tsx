import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import { Button } from '~/ui/button'
import type { ClassPage } from '../../server/http/pages'
import { ConnectionStatus } from './connection-status'

type Props = { page: ClassPage; lost: { code: string; message: string } }

/** The server said that trying again is of no use: why, and what the person can do. */
export function DisconnectedPage({ page, lost }: Props) {
  const m = useMessages()
  const out = lost.code === 'removed' || lost.code === 'left' || lost.code === 'unauthorized'
  return (
    <main className="page page-narrow" data-role={page.role}>
      <Brand />
      <div className="card">
        <h1>{page.title}</h1>
        <ConnectionStatus />
        <div className="row">
          {out ? (
            <a className="button" href={`/join/${page.code}`}>
              {m.connection.enterAgain}
            </a>
          ) : (
            <Button look="primary" onClick={() => window.location.reload()}>
              {lost.code === 'taken_over' ? m.connection.continueHere : m.connection.reload}
            </Button>
          )}
        </div>
      </div>
    </main>
  )
}
