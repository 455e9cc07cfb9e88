import { useState } from 'react'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { ModalDialog } from '~/ui/dialog'
import { Problem } from '~/ui/problem'

export function EndClass() {
  const m = useMessages()
  const { run, busy, problem } = useCommand()
  const [asking, setAsking] = useState(false)
  const close = () => setAsking(false)
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {m.teacher.end}
      </Button>
      {asking && (
        <ModalDialog title={m.teacher.endTitle} onClose={close}>
          <p>{m.teacher.endDetail}</p>
          <div className="row">
            <Button onClick={close}>{m.teacher.endNo}</Button>
            <Button look="danger" disabled={busy} onClick={() => void run('class:end', {})}>
              {m.teacher.end}
            </Button>
          </div>
          <Problem>{problem}</Problem>
        </ModalDialog>
      )}
    </>
  )
}
