import { type FormEvent, useState } from 'react'
import { useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { ModalDialog } from '~/ui/dialog'
import { SelectField, TextField } from '~/ui/field'
import { Problem } from '~/ui/problem'
import { Switch } from '~/ui/switch'
import type { ChatMode } from '../../../server/classroom/settings'

export function Settings() {
  const m = useMessages()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button small icon="settings" onClick={() => setOpen(true)}>
        {m.settings.button}
      </Button>
      {open && <SettingsDialog onClose={() => setOpen(false)} />}
    </>
  )
}

const chatModes: ChatMode[] = ['open', 'slow', 'off']

function SettingsDialog({ onClose }: { onClose(): void }) {
  const m = useMessages()
  const current = useView((view) => view.settings)
  const { run, busy, problem } = useCommand()
  const [draft, setDraft] = useState(current)
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part })

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    const { seats, stageLimit, lobby, entry, approveQuestions, chat } = draft
    if (await run('class:settings', { seats, stageLimit, lobby, entry, approveQuestions, chat })) onClose()
  }

  return (
    <ModalDialog title={m.settings.title} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        <div className="field-pair">
          <TextField
            label={m.settings.seats}
            type="number"
            min={0}
            required
            value={draft.seats}
            onChange={(event) => change({ seats: event.target.valueAsNumber || 0 })}
          />
          <TextField
            label={m.settings.stageLimit}
            type="number"
            min={0}
            required
            value={draft.stageLimit}
            onChange={(event) => change({ stageLimit: event.target.valueAsNumber || 0 })}
          />
        </div>
        <Switch label={m.settings.lobby} checked={draft.lobby} onChange={(lobby) => change({ lobby })} />
        <Switch
          label={m.settings.locked}
          checked={draft.entry === 'locked'}
          onChange={(locked) => change({ entry: locked ? 'locked' : 'open' })}
        />
        <Switch
          label={m.settings.approve}
          checked={draft.approveQuestions}
          onChange={(approveQuestions) => change({ approveQuestions })}
        />
        <SelectField
          label={m.settings.chat}
          value={draft.chat}
          onChange={(event) => change({ chat: event.target.value as ChatMode })}
        >
          {chatModes.map((mode) => (
            <option key={mode} value={mode}>
              {m.settings.chatModes[mode]}
            </option>
          ))}
        </SelectField>
        <div className="row">
          <Button type="submit" look="primary" disabled={busy}>
            {m.settings.save}
          </Button>
          <Button onClick={onClose}>{m.settings.cancel}</Button>
        </div>
        <Problem>{problem}</Problem>
      </form>
    </ModalDialog>
  )
}
