import { useClass, useClassStore } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { toClock } from '~/i18n/durations'
import { useMessages } from '~/i18n/messages'
import { useOwnMedia } from '~/live/media-provider'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'
import { useNow } from '~/ui/use-now'
import { MediaButtons, MediaProblemWords } from '../stage/media-buttons'

/** What a student on stage holds in hand: their microphone, their camera, and the way back. */
export function StageSpeaker() {
  const m = useMessages()
  const stage = useClass(({ you }) => you?.stage)
  const { microphoneOn } = useOwnMedia()
  const { run, busy, problem } = useCommand()
  if (!stage) return null
  const { state, grade, since, secondsAllowed } = stage
  const connecting = state === 'connecting'
  return (
    <section className="stage-bar" aria-label={m.onStage.group}>
      <p role="status" className="grow">
        <strong>{connecting ? m.onStage.connecting : m.onStage.live}</strong>{' '}
        {secondsAllowed !== undefined && <TimeLeft until={since + secondsAllowed * 1_000} />}
      </p>
      {!connecting && !microphoneOn && <p className="small stage-bar-words">{m.onStage.silent}</p>}
      <div className="row stage-bar-media">
        <MediaButtons camera={grade === 'video'} />
      </div>
      <Button look="danger" icon="leave" disabled={busy} onClick={() => void run('stage:leave', {})}>
        {m.onStage.leave}
      </Button>
      <MediaProblemWords />
      <Problem>{problem}</Problem>
    </section>
  )
}

function TimeLeft({ until }: { until: number }) {
  const m = useMessages()
  const store = useClassStore()
  const leftMs = until - useNow(store.now)
  return (
    <span className="badge badge-warn numbers" aria-live="off">
      {leftMs > 0 ? m.stage.timeLeft(toClock(leftMs)) : m.stage.timeOver}
    </span>
  )
}
