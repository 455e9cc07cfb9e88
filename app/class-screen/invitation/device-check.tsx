import { useClassStore } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { type PreviewStep, useDevicePreview } from '~/live/use-device-preview'
import { useInputLevel } from '~/live/use-input-level'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'
import type { Grade } from '../../../server/classroom/state'

type Props = { invitationId: string; grade: Grade }

/** Microphone and camera on this person's own page only; the staff sees how far they are. */
export function DeviceCheck({ invitationId, grade }: Props) {
  const m = useMessages()
  const store = useClassStore()
  const tell = (step: PreviewStep, error?: string) =>
    void store.command('stage:progress', { invitationId, step, ...(error && { error }) })
  const { state, stream, problem, start, showIn } = useDevicePreview(grade === 'video', tell)
  const level = useInputLevel(stream?.getAudioTracks()[0])

  if (!stream) {
    return (
      <div className="stack stack-tight">
        <div className="row">
          <Button icon={grade === 'video' ? 'camera' : 'mic'} disabled={state === 'asking'} onClick={start}>
            {m.invitation.check[grade]}
          </Button>
          {state === 'asking' && <span className="muted small">{m.invitation.checking}</span>}
        </div>
        <Problem>{problem && m.devices[problem.device](m.devices[problem.error])}</Problem>
      </div>
    )
  }
  return (
    <div className="stack stack-tight">
      {grade === 'video' && (
        <video
          ref={showIn}
          className="preview mirrored"
          muted
          autoPlay
          playsInline
          aria-label={m.invitation.cameraPreview}
        />
      )}
      <p className="small">{m.invitation.say}</p>
      <meter aria-label={m.invitation.level} className="level" min={0} max={1} value={level} />
    </div>
  )
}
