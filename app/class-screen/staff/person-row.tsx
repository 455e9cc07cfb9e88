import { memo, useState } from 'react'
import { useClass, useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { ModalDialog } from '~/ui/dialog'
import { Menu, type MenuEntry } from '~/ui/menu'
import { Problem } from '~/ui/problem'
import type { PersonView } from '../../../server/classroom/view'

export const PersonRow = memo(function PersonRow({ person }: { person: PersonView }) {
  const m = useMessages()
  const { personId, name, role, tier } = person
  const self = useClass(({ you }) => you?.personId === personId)
  const mayChangeRoles = useClass(({ you }) => you?.can.includes('person:role') ?? false)
  const onStage = useView((view) => Object.hasOwn(view.speakers, personId))
  const { run, problem } = useCommand()
  const [removing, setRemoving] = useState(false)
  const student = role === 'student'
  const entries: MenuEntry[] = []
  if (student && !onStage) {
    entries.push(
      { label: m.people.invite, run: () => void run('stage:invite', { personId, grade: 'audio' }) },
      { label: m.people.inviteVideo, run: () => void run('stage:invite', { personId, grade: 'video' }) },
    )
  }
  if (student && tier === 'overflow')
    entries.push({ label: m.people.giveSeat, run: () => void run('seat:give', { personId }) })
  if (student && tier === 'seat')
    entries.push({ label: m.people.takeSeat, run: () => void run('seat:take', { personId }) })
  if (mayChangeRoles && role !== 'teacher') {
    const next = student ? 'assistant' : 'student'
    const label = student ? m.people.makeAssistant : m.people.makeStudent
    entries.push({ label, run: () => void run('person:role', { personId, role: next }) })
  }
  if (role !== 'teacher') entries.push({ label: m.people.remove, danger: true, run: () => setRemoving(true) })
  return (
    <li className="person">
      <span className="grow ellipsis">{name}</span>
      <span className="badge">{student ? m.people.tier[tier ?? 'none'] : m.start.role[role]}</span>
      {!self && entries.length > 0 && (
        <Menu label={m.people.more(name)} icon="more" iconOnly small entries={entries} />
      )}
      <Problem>{problem}</Problem>
      {removing && (
        <ModalDialog title={m.people.removeTitle(name)} onClose={() => setRemoving(false)}>
          <p>{m.people.removeDetail}</p>
          <div className="row">
            <Button onClick={() => setRemoving(false)}>{m.people.cancel}</Button>
            <Button look="danger" onClick={() => void run('person:remove', { personId })}>
              {m.people.removeYes}
            </Button>
          </div>
        </ModalDialog>
      )}
    </li>
  )
})
