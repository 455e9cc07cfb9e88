import { useState } from 'react'
import { useClass } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { ModalDialog } from '~/ui/dialog'
import { Problem } from '~/ui/problem'
import { Switch } from '~/ui/switch'

/** In a seat: giving it up. In overflow: whether a free one should be offered. */
export function SeatButtons() {
  const m = useMessages()
  const held = useClass(({ you }) => you?.seat?.state === 'held')
  const wants = useClass(({ you }) => you?.wantsSeat)
  const { run, busy, problem } = useCommand()
  const [asking, setAsking] = useState(false)
  const close = () => setAsking(false)
  return (
    <>
      {held && (
        <Button look="quiet" onClick={() => setAsking(true)}>
          {m.student.giveUp}
        </Button>
      )}
      {wants !== undefined && (
        <Switch
          label={m.student.wantSeat}
          checked={wants}
          disabled={busy}
          onChange={(want) => void run('seat:want', { want })}
        />
      )}
      <Problem>{problem}</Problem>
      {asking && held && (
        <ModalDialog title={m.student.giveUpTitle} onClose={close}>
          <p>{m.student.giveUpDetail}</p>
          <div className="row">
            <Button look="primary" onClick={close}>
              {m.student.giveUpNo}
            </Button>
            <Button
              look="danger"
              disabled={busy}
              onClick={async () => {
                if (await run('seat:release', {})) close()
              }}
            >
              {m.student.giveUpYes}
            </Button>
          </div>
        </ModalDialog>
      )}
    </>
  )
}
