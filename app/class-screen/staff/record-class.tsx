import { useState } from 'react'
import { useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { ModalDialog } from '~/ui/dialog'
import { Problem } from '~/ui/problem'

/** Switches the recording, after asking: everyone in the class is told. */
export function RecordClass() {
  const m = useMessages()
  const on = useView((view) => view.settings.recording === 'on')
  const draft = useView((view) => view.phase === 'draft')
  const { run, busy, problem } = useCommand()
  const [asking, setAsking] = useState(false)
  const close = () => setAsking(false)
  const words = on ? m.recording.stop : m.recording.start

  async function change(): Promise<void> {
    if (await run('class:settings', { recording: on ? 'off' : 'on' })) close()
  }

  return (
    <>
      <Button small icon="record" on={on} disabled={busy} onClick={() => setAsking(true)}>
        {words.button}
      </Button>
      {asking && (
        <ModalDialog title={words.title} onClose={close}>
          <p>{words.detail}</p>
          {!on && draft && <p>{m.recording.fromStart}</p>}
          <div className="row">
            <Button onClick={close}>{m.recording.cancel}</Button>
            <Button look="primary" disabled={busy} onClick={() => void change()}>
              {words.yes}
            </Button>
          </div>
          <Problem>{problem}</Problem>
        </ModalDialog>
      )}
    </>
  )
}
