import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'
import type { PersonView } from '../../../server/classroom/view'

const ROWS_SHOWN = 20

export function WaitingLine({ waiting }: { waiting: PersonView[] }) {
  const m = useMessages()
  const { run, busy, problem } = useCommand()
  return (
    <div className="stack stack-tight waiting-line">
      <div className="row row-between">
        <h3 className="small">{m.people.waiting(waiting.length)}</h3>
        <Button small look="primary" disabled={busy} onClick={() => void run('person:admit', { all: true })}>
          {m.people.admitAll}
        </Button>
      </div>
      <ul className="rows rows-tight">
        {waiting.slice(0, ROWS_SHOWN).map(({ personId, name }) => (
          <li key={personId} className="person">
            <span className="grow ellipsis">{name}</span>
            <Button
              small
              disabled={busy}
              aria-label={m.people.admit(name)}
              onClick={() => void run('person:admit', { personId })}
            >
              {m.people.admitShort}
            </Button>
            <Button
              small
              look="quiet"
              disabled={busy}
              aria-label={m.people.deny(name)}
              onClick={() => void run('person:deny', { personId })}
            >
              {m.people.denyShort}
            </Button>
          </li>
        ))}
      </ul>
      {waiting.length > ROWS_SHOWN && (
        <p className="muted small">{m.requests.more(waiting.length - ROWS_SHOWN)}</p>
      )}
      <Problem>{problem}</Problem>
    </div>
  )
}
