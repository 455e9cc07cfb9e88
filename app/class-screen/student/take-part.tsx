import { useState } from 'react'
import { useClass } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'
import { useReception } from '../reception'
import { AskQuestion } from './ask-question'
import { SeatButtons } from './seat-buttons'

/** Long enough to be read, and read out. */
const SENT_SHOWN_MS = 10_000

/** Raise a hand, ask, and what can be done about one's seat. */
export function TakePart() {
  const m = useMessages()
  const { sawAt } = useReception()
  const hand = useClass(({ you }) => (you?.request?.kind === 'voice' ? you.request : null))
  const mayRaise = useClass(({ you }) => you?.can.includes('hand:raise') === true && !you.invitation)
  const onStage = useClass(({ you }) => you?.stage !== undefined)
  const mayAsk = useClass(({ you }) => you?.can.includes('question:ask') ?? false)
  const quiet = useClass(({ view }) => view?.quiet === true)
  const { run, busy, problem } = useCommand()
  const [asking, setAsking] = useState(false)
  const [asked, setAsked] = useState(false)

  return (
    <section className="take-part stack" aria-label={m.student.actions}>
      <div className="row">
        {hand ? (
          <Button
            icon="hand"
            on
            disabled={busy}
            onClick={() => void run('request:withdraw', { requestId: hand.requestId })}
          >
            {m.student.lower}
          </Button>
        ) : (
          !onStage && (
            <Button
              icon="hand"
              look="primary"
              disabled={busy || !mayRaise}
              onClick={() => void run('hand:raise', { sawAt: sawAt() })}
            >
              {m.student.raise}
            </Button>
          )
        )}
        <Button icon="question" disabled={!mayAsk} aria-expanded={asking} onClick={() => setAsking(!asking)}>
          {m.student.ask}
        </Button>
        <SeatButtons />
      </div>
      <p role="status" className="small muted" hidden={!hand && !asked && !quiet}>
        {quiet
          ? m.bar.quietDetail
          : [hand && m.student.raised, asked && m.student.asked].filter(Boolean).join('. ')}
      </p>
      <Problem>{problem}</Problem>
      {asking && mayAsk && (
        <AskQuestion
          onSent={() => {
            setAsking(false)
            setAsked(true)
            setTimeout(() => setAsked(false), SENT_SHOWN_MS)
          }}
          onCancel={() => setAsking(false)}
        />
      )}
    </section>
  )
}
