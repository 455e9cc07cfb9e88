import { Link, useSearchParams } from '@remix-run/react'
import { lazy, Suspense } from 'react'
import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import type { EndedPage } from '../../server/http/pages'

/** hls.js, for those who watch. */
const Replay = lazy(() => import('./replay'))

export function EndedScreen({ page }: { page: EndedPage }) {
  const m = useMessages()
  const [params] = useSearchParams()
  const watching = params.get('watch') === 'replay'
  const replayLink = `?${new URLSearchParams({ as: page.personId, watch: 'replay' })}`
  const minutes =
    page.startedAt && page.endedAt ? Math.max(1, Math.round((page.endedAt - page.startedAt) / 60_000)) : null
  return (
    <main className="page" data-role={page.role} data-phase="ended">
      <Brand />
      <div className="card">
        <div className="stack">
          <p className="muted">{page.title}</p>
          <h1>{m.ended.title}</h1>
          <p>
            {minutes !== null && `${m.ended.lasted(minutes)} `}
            {m.ended.thanks}
          </p>
          {!page.replay && <p className="muted">{m.ended.noReplay}</p>}
        </div>
        <div className="row">
          {page.replay && (
            <Link className="button button-primary" to={replayLink} preventScrollReset>
              {m.ended.replay}
            </Link>
          )}
          {page.attendanceUrl && (
            <a className="button" href={page.attendanceUrl} download>
              {m.ended.attendance}
            </a>
          )}
          <a className="button" href="/">
            {m.ended.home}
          </a>
        </div>
      </div>
      {page.replay && watching && (
        <section aria-label={m.ended.replayTitle} className="card">
          <Suspense>
            <Replay playlistUrl={page.replay.playlistUrl} />
          </Suspense>
        </section>
      )}
    </main>
  )
}
