import { useClassStore } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'
import { useNow } from '~/ui/use-now'
import type { InvitationView } from '../../../server/classroom/view'

/** How far an invited person is, and what holds them up. */
export function InvitationProgress({ invitation }: { invitation: InvitationView }) {
  const m = useMessages()
  const store = useClassStore()
  const now = useNow(store.now)
  const { run, busy, problem } = useCommand()
  const { invitationId, name, step, error, until } = invitation
  const leftSeconds = Math.max(0, Math.ceil((until - now) / 1_000))
  return (
    <div className="row invitation-progress">
      <span className={step === 'blocked' ? 'badge badge-live' : 'badge badge-warn'}>
        {m.requests.step[step]}
      </span>
      <span className="muted small numbers grow">{m.requests.left(leftSeconds)}</span>
      <Button
        small
        look="quiet"
        disabled={busy}
        aria-label={m.requests.cancelInvitation(name)}
        onClick={() => void run('stage:cancel', { invitationId })}
      >
        {m.requests.cancel}
      </Button>
      {error && <p className="muted small">{error}</p>}
      <Problem>{problem}</Problem>
    </div>
  )
}
