import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'

/** Gives the seat back at once; one comes back by the same link. */
export function LeaveClass() {
  const m = useMessages()
  const { run, busy } = useCommand()
  return (
    <Button
      small
      look="quiet"
      icon="leave"
      iconOnly
      disabled={busy}
      onClick={() => void run('person:leave', {})}
    >
      {m.student.leave}
    </Button>
  )
}
