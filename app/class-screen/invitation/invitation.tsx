import { useState } from 'react'
import { useClass, useClassStore } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { toClock } from '~/i18n/durations'
import { useMessages } from '~/i18n/messages'
import { useOwnMedia } from '~/live/media-provider'
import { Button } from '~/ui/button'
import { CardDialog } from '~/ui/dialog'
import { Problem } from '~/ui/problem'
import { Switch } from '~/ui/switch'
import { useNow } from '~/ui/use-now'
import type { Grade } from '../../../server/classroom/state'
import { DeviceCheck } from './device-check'

/** Somebody of the staff asks this student onto the stage. */
export function Invitation() {
  const invitation = useClass(({ you }) => you?.invitation)
  if (!invitation) return null
  const { invitationId, grade, until } = invitation
  return <Invited key={invitationId} invitationId={invitationId} grade={grade} until={until} />
}

type Props = { invitationId: string; grade: Grade; until: number }

function Invited({ invitationId, grade, until }: Props) {
  const m = useMessages()
  const store = useClassStore()
  const now = useNow(store.now)
  const { enterWith } = useOwnMedia()
  const { run, busy, problem } = useCommand()
  /** Off: a microphone goes live because somebody said so, never because nobody said no. */
  const [microphone, setMicrophone] = useState(false)
  const [camera, setCamera] = useState(true)

  function join(): void {
    enterWith({ microphone, camera: camera && grade === 'video' })
    void run('stage:accept', { invitationId })
  }

  return (
    <CardDialog title={m.invitation.title}>
      <p>{m.invitation.detail[grade]}</p>
      <DeviceCheck invitationId={invitationId} grade={grade} />
      <div className="stack stack-tight">
        <Switch label={m.invitation.microphoneOn} checked={microphone} onChange={setMicrophone} />
        {grade === 'video' && <Switch label={m.invitation.cameraOn} checked={camera} onChange={setCamera} />}
      </div>
      <div className="row">
        <Button look="primary" disabled={busy} onClick={join}>
          {m.invitation.join}
        </Button>
        <Button disabled={busy} onClick={() => void run('stage:decline', { invitationId })}>
          {m.invitation.notNow}
        </Button>
        <span className="muted small numbers">{m.invitation.left(toClock(until - now))}</span>
      </div>
      <Problem>{problem}</Problem>
    </CardDialog>
  )
}
