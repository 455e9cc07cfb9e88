import { Link, useSearchParams } from '@remix-run/react'
import { lazy, Suspense } from 'react'
import type { Messages } from '~/i18n/en'
import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import type { EndedPage } from '../../server/http/pages'
import { DeleteRecording } from './delete-recording'
import { RecordingFile } from './recording-file'
import { useLookAgain } from './use-look-again'

/** hls.js, for those who watch. */
const Replay = lazy(() => import('./replay'))

export function EndedScreen({ page }: { page: EndedPage }) {
  const m = useMessages()
  const [params] = useSearchParams()
  const watching = page.replay && params.get('watch') === 'replay'
  return watching ? <ReplayPage page={page} /> : <AfterClass page={page} m={m} />
}

function ReplayPage({ page }: { page: EndedPage }) {
  const m = useMessages()
  if (!page.replay) return null
  return (
    <main className="page page-replay" data-role={page.role} data-phase="ended">
      <header className="row row-between">
        <Brand />
        <Link className="button" to={`?${new URLSearchParams({ as: page.personId })}`}>
          {m.ended.back}
        </Link>
      </header>
      <h1>{m.ended.replayOf(page.title)}</h1>
      <Suspense>
        <Replay title={page.title} replay={page.replay} />
      </Suspense>
    </main>
  )
}

function AfterClass({ page, m }: { page: EndedPage; m: Messages }) {
  const replayLink = `?${new URLSearchParams({ as: page.personId, watch: 'replay' })}`
  useLookAgain(page.preparing === true || isPending(page.recording))
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
          <p className="muted" role="status">
            {aboutReplay(page, m)}
          </p>
        </div>
        <div className="row">
          {page.replay && (
            <Link className="button button-primary" to={replayLink}>
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
        {(page.recording || page.mayDelete) && (
          <div className="row">
            {page.recording && <RecordingFile recording={page.recording} />}
            {page.mayDelete && <DeleteRecording />}
          </div>
        )}
      </div>
    </main>
  )
}

function isPending(recording: EndedPage['recording']): boolean {
  return recording?.state === 'waiting' || recording?.state === 'making'
}

function aboutReplay({ replay, deleted, preparing }: EndedPage, m: Messages): string {
  if (preparing) return m.ended.preparing
  if (deleted) return m.ended.deleted
  if (!replay) return m.ended.noReplay
  return replay.keepUntil === undefined ? m.ended.kept : m.ended.keptUntil(new Date(replay.keepUntil))
}
