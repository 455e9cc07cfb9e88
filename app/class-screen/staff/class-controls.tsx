import { useClass, useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { useOwnMedia } from '~/live/media-provider'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'
import type { ClassPage } from '../../../server/http/pages'
import { MediaButtons, MediaProblemWords } from '../stage/media-buttons'
import { CopyLink } from './copy-link'
import { EndClass } from './end-class'
import { RecordClass } from './record-class'
import { Settings } from './settings'

export function ClassControls({ page }: { page: ClassPage }) {
  const m = useMessages()
  const phase = useView((view) => view.phase)
  const quiet = useView((view) => view.quiet)
  const mayStart = useClass(({ you }) => you?.can.includes('class:start') ?? false)
  const media = useOwnMedia()
  const { run, busy, problem } = useCommand()
  const { student, assistant } = page.links ?? {}
  return (
    <section className="controls-bar" aria-label={m.teacher.controls}>
      <div className="row">
        {mayStart && phase === 'draft' && (
          <Button look="primary" icon="play" disabled={busy} onClick={() => void run('class:start', {})}>
            {m.teacher.start}
          </Button>
        )}
        <MediaButtons camera />
        <Button
          icon="screen"
          on={media.screenOn}
          disabled={media.busy}
          onClick={() => void media.setScreen(!media.screenOn)}
        >
          {media.screenOn ? m.teacher.stopSharing : m.teacher.share}
        </Button>
        {mayStart && phase === 'live' && <EndClass />}
      </div>
      <div className="row">
        <Button
          small
          icon="quiet"
          on={quiet}
          aria-pressed={quiet}
          title={m.teacher.quietHint}
          disabled={busy}
          onClick={() => void run('class:quiet', { on: !quiet })}
        >
          {m.teacher.quiet}
        </Button>
        {student && <CopyLink label={m.teacher.copyStudent} link={student} />}
        {assistant && <CopyLink label={m.teacher.copyAssistant} link={assistant} />}
        {mayStart && <RecordClass />}
        {mayStart && <Settings />}
      </div>
      {phase === 'live' && !media.microphoneOn && mayStart && (
        <p className="callout callout-slim">{m.teacher.microphoneHint}</p>
      )}
      <MediaProblemWords />
      <Problem>{problem}</Problem>
    </section>
  )
}
