import { useClass, useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Panel } from '~/ui/panel'
import { Problem } from '~/ui/problem'
import type { RequestView } from '../../../server/classroom/view'

/** The questions that everybody sees, those most want answered first. */
export function Questions({ id }: { id?: string }) {
  const m = useMessages()
  const requests = useView((view) => view.requests)
  const published = Object.values(requests)
    .filter(({ published, status }) => published && status !== 'withdrawn' && status !== 'declined')
    .sort(
      (a, b) =>
        Number(a.status === 'answered') - Number(b.status === 'answered') ||
        b.votes - a.votes ||
        a.order - b.order,
    )
  return (
    <Panel title={m.student.questions} id={id} count={published.length}>
      {published.length === 0 && <p className="muted small">{m.student.noQuestions}</p>}
      <ul className="rows">
        {published.map((request) => (
          <Question key={request.requestId} request={request} />
        ))}
      </ul>
    </Panel>
  )
}

function Question({ request }: { request: RequestView }) {
  const m = useMessages()
  const voted = useClass(({ you }) => you?.votes.includes(request.requestId) ?? false)
  const own = useClass(({ you }) => request.personId !== undefined && you?.personId === request.personId)
  const { run, busy, problem } = useCommand()
  const { requestId, status, text, name, votes } = request
  return (
    <li className="request">
      <p dir="auto" lang={request.language} className="request-text">
        {text}
      </p>
      <div className="row row-between">
        <span className="muted small">
          <bdi>{name ?? m.student.anonymousName}</bdi> ·{' '}
          <span className="numbers">{m.student.votes(votes)}</span>
        </span>
        {status === 'answered' ? (
          <span className="badge badge-good">{m.requests.answered}</span>
        ) : (
          !own && (
            <Button
              small
              icon="vote"
              on={voted}
              aria-pressed={voted}
              disabled={busy}
              onClick={() => void run(voted ? 'request:unvote' : 'request:vote', { requestId })}
            >
              {m.student.vote}
            </Button>
          )
        )}
      </div>
      <Problem>{problem}</Problem>
    </li>
  )
}
