import { useClassStore, useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { toClock } from '~/i18n/durations'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Panel } from '~/ui/panel'
import { Problem } from '~/ui/problem'
import { useNow } from '~/ui/use-now'
import type { ClassView, SpeakerView } from '../../../server/classroom/view'
import { InvitationProgress } from './invitation-progress'

const SECONDS_GIVEN = 120
const none: NonNullable<ClassView['invitations']> = {}

/** Who speaks, and who is on the way. */
export function OnStage({ id }: { id?: string }) {
  const m = useMessages()
  const speakers = Object.values(useView((view) => view.speakers)).sort((a, b) => a.since - b.since)
  /** The others stand with their request. */
  const invitations = Object.values(useView((view) => view.invitations ?? none)).filter(
    ({ requestId }) => !requestId,
  )
  if (speakers.length + invitations.length === 0) {
    const nobody = <p className="muted small">{m.stagePanel.empty}</p>
    return <Panel title={m.stagePanel.region} id={id} actions={nobody} />
  }
  return (
    <Panel title={m.stagePanel.region} id={id} count={speakers.length}>
      <ul className="rows">
        {speakers.map((speaker) => (
          <Speaker key={speaker.personId} speaker={speaker} />
        ))}
        {invitations.map((invitation) => (
          <li key={invitation.invitationId} className="request">
            <strong className="ellipsis">{invitation.name}</strong>
            <InvitationProgress invitation={invitation} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Speaker({ speaker }: { speaker: SpeakerView }) {
  const m = useMessages()
  const store = useClassStore()
  const now = useNow(store.now)
  const pinned = useView((view) => view.pinned === speaker.personId)
  const { run, busy, problem } = useCommand()
  const { personId, name, state, since, grade, secondsAllowed } = speaker
  const leftMs = secondsAllowed === undefined ? null : since + secondsAllowed * 1_000 - now
  return (
    <li className="request">
      <div className="request-head">
        <strong className="ellipsis">{name}</strong>
        <span className="badge">{m.stagePanel.grade[grade]}</span>
        <span className={state === 'live' ? 'badge badge-good' : 'badge badge-warn'}>
          {m.stagePanel[state]}
        </span>
        <span className="muted small numbers push">
          {leftMs === null
            ? toClock(now - since)
            : leftMs > 0
              ? m.stage.timeLeft(toClock(leftMs))
              : m.stage.timeOver}
        </span>
      </div>
      <div className="row request-actions">
        <Button
          small
          icon="mic-off"
          aria-label={m.stagePanel.mute(name)}
          disabled={busy}
          onClick={() => void run('stage:mute', { personId })}
        >
          {m.stagePanel.muteShort}
        </Button>
        <Button
          small
          icon="pin"
          on={pinned}
          aria-label={pinned ? m.stagePanel.unpin(name) : m.stagePanel.pin(name)}
          disabled={busy}
          onClick={() => void run('stage:pin', { personId: pinned ? null : personId })}
        >
          {pinned ? m.stagePanel.unpinShort : m.stagePanel.pinShort}
        </Button>
        <Button
          small
          aria-label={m.stagePanel.give(name)}
          disabled={busy}
          onClick={() => void run('stage:time', { personId, seconds: SECONDS_GIVEN })}
        >
          {m.stagePanel.giveShort}
        </Button>
        <Button
          small
          look="danger"
          aria-label={m.stagePanel.remove(name)}
          disabled={busy}
          onClick={() => void run('stage:remove', { personId })}
        >
          {m.stagePanel.removeShort}
        </Button>
      </div>
      <Problem>{problem}</Problem>
    </li>
  )
}
