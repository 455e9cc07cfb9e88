import type { ClassLogs } from '../log/class-logs'
import type { Collector, Sample } from './metrics'

type Counts = Readonly<Record<string, number>>
export type Parts = {
  logs: Pick<ClassLogs, 'status'>
  gateway(): { status(): { sockets: number; classes: number } }
  reconciler: { corrections: Counts }
  director: { acts: Counts }
}

const SECOND_MS = 1000

/** What the parts of the server know of themselves. */
export function createPartCollector({ logs, gateway, reconciler, director }: Parts): Collector {
  return () => {
    const { redis, classesFollowed, classesLed, scribe, clockOffsetMs } = logs.status()
    const { sockets } = gateway().status()
    return [
      { name: 'redis_up', help: 'Whether Redis answers', value: redis === 'up' ? 1 : 0 },
      { name: 'classes_followed', help: 'Classes this process follows', value: classesFollowed },
      { name: 'classes_led', help: 'Classes this process decides for', value: classesLed },
      { name: 'scribe_lag_facts', help: 'Facts not in the database yet', value: scribe.lagFacts },
      { name: 'scribe_lag_seconds', help: 'Age of the oldest of them', value: scribe.lagMs / SECOND_MS },
      { name: 'clock_offset_seconds', help: 'Server time minus our clock', value: clockOffsetMs / SECOND_MS },
      { name: 'gateway_sockets', help: 'Connected people', value: sockets },
      ...toSamples('livekit_corrections_total', 'Corrections of LiveKit by the log', reconciler.corrections),
      ...toSamples('broadcast_acts_total', 'What was done for broadcasts', director.acts),
    ]
  }
}

function toSamples(name: string, help: string, counts: Counts): Sample[] {
  return Object.entries(counts).map(([kind, value]) => ({ name, help, labels: { kind }, value }))
}
