import { randomUUID } from 'node:crypto'
import { tierOf } from '../classroom/people'
import type { ClassState } from '../classroom/state'
import { rowsOf } from '../classroom/table'
import type { ClassLogs, FollowedClass, Logger } from '../log/class-logs'
import {
  createPresenceLedger,
  type PresenceLedger,
  type PresenceLimits,
  type PresenceReport,
} from './presence-ledger'

/**
 * A reload takes seconds, a change of network or a lift half a minute; LiveKit itself needs some 20 s to notice a
 * silent death. Longer than these, and short enough that a seat does not stay empty for a minute.
 */
export const GRACE_MS = 45_000
/** Three messages in a row lost: not by chance. */
const SILENCE_MS = 15_000
/** Edges of a storm travel together, one message for thousands; nobody notices a second in a grace of 45. */
const EDGES_MS = 1000
/** The leader looks ten times in a grace: so exact is its end. */
const SCANS_A_GRACE = 10
/** How many leave in one go after the death of a process: the log batches them, others' commands go between. */
const GONE_AT_ONCE = 200

const REPORT = 'presence:report'
const ASK = 'presence:ask'
/** The name under which LiveKit's participants stand in the ledger, beside the processes. */
const LIVEKIT = 'livekit'

type Reports = { reports: ({ classId: string } & PresenceReport)[] }

export type PresenceLogs = Pick<
  ClassLogs,
  'processId' | 'now' | 'onLead' | 'submit' | 'publishToProcesses' | 'onProcessMessage'
>
export type PresenceDeps = { logs: PresenceLogs; logger: Logger; limits?: PresenceLimits }

export type Presence = {
  /** Their first socket in this process has come, their last one has gone. */
  enter(classId: string, personId: string): void
  leave(classId: string, personId: string): void
  /** LiveKit has exactly these people in its room: being there is being in class. */
  seen(classId: string, personIds: readonly string[]): void
  close(): void
}

/**
 * Tells the leader of each class who is connected here, and, where this process leads, lets those go whom nobody has
 * had for longer than the grace. Nothing of it is stored: a new leader asks everybody again.
 */
export function createPresence({ logs, logger, limits }: PresenceDeps): Presence {
  const { graceMs, silenceMs } = limits ?? { graceMs: GRACE_MS, silenceMs: SILENCE_MS }
  const here = new Map<string, { n: number; people: Set<string>; changed: Set<string> }>()
  const led = new Map<string, { followed: FollowedClass; ledger: PresenceLedger; going: Set<string> }>()

  function publish(topic: string, message: unknown) {
    logs.publishToProcesses(topic, message).catch((err: unknown) => {
      logger.warn({ err, topic }, 'presence could not be told; it is told again')
    })
  }

  function edit(classId: string, personId: string, change: 'add' | 'delete') {
    const entry = here.get(classId) ?? { n: 0, people: new Set(), changed: new Set() }
    here.set(classId, entry)
    entry.people[change](personId)
    entry.changed.add(personId)
  }

  function tellEdges() {
    const reports: Reports['reports'] = []
    for (const [classId, entry] of here) {
      if (entry.changed.size === 0) continue
      const online = [...entry.changed].filter((personId) => entry.people.has(personId))
      const offline = [...entry.changed].filter((personId) => !entry.people.has(personId))
      entry.changed.clear()
      entry.n += 1
      reports.push({ classId, kind: 'edges', n: entry.n, online, offline })
      if (entry.people.size === 0) here.delete(classId)
    }
    if (reports.length > 0) publish(REPORT, { reports } satisfies Reports)
  }

  function tellAlive() {
    const classIds = new Set([...here.keys(), ...led.keys()])
    const reports: Reports['reports'] = [...classIds].map((classId) => ({
      classId,
      kind: 'alive',
      n: here.get(classId)?.n ?? 0,
    }))
    if (reports.length > 0) publish(REPORT, { reports } satisfies Reports)
  }

  function tellAll(classId: string) {
    const entry = here.get(classId)
    const all = { kind: 'all', n: entry?.n ?? 0, online: [...(entry?.people ?? [])] } as const
    publish(REPORT, { reports: [{ classId, ...all }] } satisfies Reports)
  }

  function hear(from: string, { reports }: Reports) {
    for (const { classId, ...report } of reports) {
      const answer = led.get(classId)?.ledger.hear(from, report, logs.now())
      if (answer === 'ask') publish(ASK, { classId, to: from })
    }
  }

  function lead(followed: FollowedClass, leading: boolean) {
    const { classId } = followed
    if (!leading) return void led.delete(classId)
    if (led.has(classId)) return
    const ledger = createPresenceLedger(logs.processId, { graceMs, silenceMs })
    led.set(classId, { followed, ledger, going: new Set() })
    publish(ASK, { classId, to: 'everybody' })
  }

  function scan() {
    for (const [classId, { followed, ledger, going }] of led) {
      if (followed.state.phase === 'ended') continue
      const gone = ledger.findGone(presentIn(followed.state), logs.now())
      for (const personId of gone.slice(0, GONE_AT_ONCE)) {
        if (going.has(personId)) continue
        going.add(personId)
        letGo(classId, personId).finally(() => going.delete(personId))
      }
    }
  }

  async function letGo(classId: string, personId: string) {
    try {
      const command = { name: 'person:gone' as const, personId }
      await logs.submit(classId, { id: randomUUID(), by: { kind: 'system' }, command })
    } catch (err) {
      logger.error({ err, classId, personId }, 'somebody who is gone could not be let go')
    }
  }

  const timers = [
    setInterval(tellEdges, Math.min(EDGES_MS, graceMs / SCANS_A_GRACE)),
    setInterval(tellAlive, silenceMs / 3),
    setInterval(scan, graceMs / SCANS_A_GRACE),
  ]
  const stops = [
    logs.onProcessMessage(REPORT, (message, from) => hear(from, message as Reports)),
    logs.onProcessMessage(ASK, (message) => {
      const { classId, to } = message as { classId: string; to: string }
      if (to === 'everybody' || to === logs.processId) tellAll(classId)
    }),
    logs.onLead(lead),
  ]

  return {
    enter: (classId, personId) => edit(classId, personId, 'add'),
    leave: (classId, personId) => edit(classId, personId, 'delete'),
    seen(classId, personIds) {
      led.get(classId)?.ledger.hear(LIVEKIT, { kind: 'all', n: 0, online: personIds }, logs.now())
    },
    close() {
      for (const timer of timers) clearInterval(timer)
      for (const stop of stops) stop()
    },
  }
}

function* presentIn(state: ClassState): Generator<string> {
  for (const person of rowsOf(state.people)) if (tierOf(person.place) !== null) yield person.personId
}
