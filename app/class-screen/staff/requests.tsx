import { useMemo, useState } from 'react'
import { useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Panel } from '~/ui/panel'
import { Problem } from '~/ui/problem'
import { type QueueFilter, toQueue } from './queue'
import { RequestItem } from './request-item'

/** Nobody works through more at once, and a thousand rows would make every one slow. */
const ROWS_SHOWN = 50
const filters: QueueFilter[] = ['all', 'voice', 'text']
const nobody = {}

export function Requests({ id }: { id?: string }) {
  const m = useMessages()
  const requests = useView((view) => view.requests)
  const people = useView((view) => view.people ?? nobody)
  const policy = useView((view) => view.settings.policy)
  const [filter, setFilter] = useState<QueueFilter>('all')
  const queue = useMemo(() => toQueue(requests, people, policy, filter), [requests, people, policy, filter])
  const hands = queue.some(({ kind, status }) => kind === 'voice' && status === 'pending')
  return (
    <Panel
      title={m.requests.region}
      id={id}
      count={queue.length}
      className="requests"
      actions={hands && <LowerAll />}
    >
      <fieldset className="row" aria-label={m.requests.filterName}>
        {filters.map((name) => (
          <Button
            key={name}
            small
            look="quiet"
            on={filter === name}
            aria-pressed={filter === name}
            onClick={() => setFilter(name)}
          >
            {m.requests.filter[name]}
          </Button>
        ))}
      </fieldset>
      {queue.length === 0 && <p className="muted small">{m.requests.empty}</p>}
      <ol className="rows">
        {queue.slice(0, ROWS_SHOWN).map((request) => (
          <RequestItem key={request.requestId} request={request} />
        ))}
      </ol>
      {queue.length > ROWS_SHOWN && (
        <p className="muted small">{m.requests.more(queue.length - ROWS_SHOWN)}</p>
      )}
    </Panel>
  )
}

function LowerAll() {
  const m = useMessages()
  const { run, busy, problem } = useCommand()
  return (
    <>
      <Button small disabled={busy} onClick={() => void run('hand:lower-all', {})}>
        {m.requests.lowerAll}
      </Button>
      <Problem>{problem}</Problem>
    </>
  )
}
