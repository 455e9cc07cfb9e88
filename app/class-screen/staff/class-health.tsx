import { useClass, useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { Panel } from '~/ui/panel'

/** Whether the back rows still see anything. */
export function ClassHealth() {
  const m = useMessages()
  const counts = useClass((model) => model.counts)
  const broadcast = useView((view) => view.broadcast.state)
  const playback = counts?.playback
  const delayMs = playback?.delayP50Ms
  const rows: [string, string][] = [
    [m.health.seats, counts ? `${counts.seats.held} / ${counts.seats.limit}` : m.health.none],
    [m.health.overflow, String(counts?.overflow ?? m.health.none)],
    [m.health.waiting, String(counts?.waiting ?? m.health.none)],
    [m.health.broadcast, m.health.broadcastState[broadcast]],
    [m.health.delay, delayMs ? m.health.seconds((delayMs / 1_000).toFixed(1)) : m.health.none],
    [m.health.stalls, playback ? `${Math.round(playback.stalledShare * 100)} %` : m.health.none],
  ]
  return (
    <Panel title={m.health.region}>
      <dl className="health">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt className="muted small">{name}</dt>
            <dd className="numbers">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
