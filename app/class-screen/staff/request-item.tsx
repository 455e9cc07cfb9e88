import { memo } from 'react'
import { useClassStore, useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { toSpan } from '~/i18n/durations'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Icon } from '~/ui/icon'
import { Problem } from '~/ui/problem'
import { useNow } from '~/ui/use-now'
import type { RequestView } from '../../../server/classroom/view'
import { InvitationProgress } from './invitation-progress'

const WAIT_SHOWN_EVERY_MS = 5_000

export const RequestItem = memo(function RequestItem({ request }: { request: RequestView }) {
  const m = useMessages()
  const store = useClassStore()
  const now = useNow(store.now, WAIT_SHOWN_EVERY_MS)
  const { kind, name, text, language, votes, published, madeAt, personId, anonymous } = request
  const who = name ?? m.student.anonymousName
  const invitation = useView((view) =>
    Object.values(view.invitations ?? {}).find((open) => open.personId === personId),
  )
  const onStage = useView((view) => personId !== undefined && Object.hasOwn(view.speakers, personId))
  const { run, busy, problem } = useCommand()
  return (
    <li className="request">
      <div className="request-head">
        <Icon name={kind === 'voice' ? 'hand' : 'question'} />
        <strong className="ellipsis">{who}</strong>
        <span className="visually-hidden">{kind === 'voice' ? m.requests.hand : m.requests.question}</span>
        <span className="muted small numbers push">{m.requests.waiting(toSpan(now - madeAt))}</span>
      </div>
      {text && (
        <p className="request-text" dir="auto" lang={language}>
          {text}
        </p>
      )}
      <p className="row" hidden={!anonymous && !published && !onStage && votes === 0}>
        {onStage && <span className="badge badge-good">{m.requests.onStage}</span>}
        {anonymous && <span className="badge">{m.student.anonymousName}</span>}
        {published && <span className="badge badge-good">{m.requests.published}</span>}
        {votes > 0 && <span className="muted small numbers">{m.student.votes(votes)}</span>}
      </p>
      {invitation ? (
        <InvitationProgress invitation={invitation} />
      ) : (
        <RequestActions request={request} who={who} invitable={!onStage} run={run} busy={busy} />
      )}
      <Problem>{problem}</Problem>
    </li>
  )
})

type ActionsProps = {
  request: RequestView
  who: string
  invitable: boolean
  busy: boolean
  run: ReturnType<typeof useCommand>['run']
}

function RequestActions({ request, who, invitable, busy, run }: ActionsProps) {
  const m = useMessages()
  const { requestId, personId, text, published, kind } = request
  const invite = (grade: 'audio' | 'video') => {
    if (personId) void run('stage:invite', { personId, grade, requestId })
  }
  return (
    <div className="row request-actions">
      {personId && invitable && (
        <>
          <Button
            small
            icon="mic"
            look={kind === 'voice' ? 'primary' : 'plain'}
            disabled={busy}
            aria-label={m.requests.invite(who)}
            onClick={() => invite('audio')}
          >
            {m.requests.inviteShort}
          </Button>
          <Button
            small
            icon="camera"
            disabled={busy}
            aria-label={m.requests.inviteVideo(who)}
            onClick={() => invite('video')}
          >
            {m.requests.inviteVideoShort}
          </Button>
        </>
      )}
      {text && !published && (
        <Button small disabled={busy} onClick={() => void run('request:publish', { requestId })}>
          {m.requests.publish}
        </Button>
      )}
      {text && (
        <Button small disabled={busy} onClick={() => void run('screen:show', { requestId })}>
          {m.requests.show}
        </Button>
      )}
      <Button small disabled={busy} onClick={() => void run('request:answer', { requestId })}>
        {m.requests.answered}
      </Button>
      <Button small look="quiet" disabled={busy} onClick={() => void run('request:decline', { requestId })}>
        {m.requests.decline}
      </Button>
    </div>
  )
}
