import type { BroadcastRun, ClassState, RunEnd } from '../../server/classroom/state'
import type { RunHealth } from '../run-health'
import { hasParts, toEnd, toEstimatedEnd } from './health'
import {
  LINGER_MS,
  type Pacing,
  QUIET_MS,
  SETTLE_MS,
  STOP_AGAIN_MS,
  STOP_ATTEMPTS,
  toRetryMs,
  toStartMs,
} from './pacing'
import { takeOver, tendStandby } from './standby'
import { isWanted } from './wanted'

/** An egress that LiveKit lists as active for the class and that writes below the class's directory. */
export type ActiveEgress = { egressId: string; runId: string }

/** What this process knows besides the log; a new leader begins with none of it. Times are server time, ms. */
export type Memory = {
  /** When this process took the lead. */
  ledAt: number
  wantedAt: number | null
  /** When no origin was there to see any run, last: such silence says nothing. */
  blindAt: number
  /**
   * What became of the request for the newest run. `unanswered`: it may or may not have been taken. `absent`: it was
   * not made, as nobody is there to take it.
   */
  start: { runId: string; outcome: 'accepted' | 'unanswered' | 'refused' | 'absent'; at: number } | null
  /** Requests and runs in a row that came to nothing. */
  failures: number
  stops: ReadonlyMap<string, { attempts: number; at: number }>
  /** A second run beside each, and when the last one was ordered. */
  wantsStandby: boolean
  standbyAt: number
}

export type Situation = {
  state: ClassState
  /** Of the newest run: the newest that this process knows. */
  health: RunHealth | null
  /** Of the standby, if there is one. */
  standby: RunHealth | null
  /** As listed after the newest request of this process; null: LiveKit did not tell. */
  egresses: readonly ActiveEgress[] | null
  memory: Memory
  pacing: Pacing
  now: number
}

export type Action =
  /** A new run, and an egress for it. */
  | { kind: 'order'; previousEnd?: RunEnd; why: 'wanted' | 'dead' | 'ended' | 'unborn' }
  /** An egress for the newest run, whose first request came to nothing. */
  | { kind: 'start'; runId: string }
  /** The standby becomes the newest run. */
  | { kind: 'takeOver'; runId: string; previousEnd: RunEnd; skip: number }
  /** A run beside the newest, and an egress for it. */
  | { kind: 'standby' }
  | { kind: 'announce'; runId: string }
  | { kind: 'picture'; runId: string; picture: NonNullable<RunHealth['picture']> }
  | { kind: 'stop'; egressId: string; runId: string }
  | { kind: 'conclude'; end: RunEnd }

export function freshMemory(ledAt: number, wantsStandby = false): Memory {
  const nothing = { wantedAt: null, blindAt: 0, start: null, failures: 0, standbyAt: 0 }
  return { ...nothing, ledAt, wantsStandby, stops: new Map() }
}

/** The run that the timeline is open for. */
export function findOpenRun(state: ClassState): BroadcastRun | null {
  const newest = state.broadcast.runs.at(-1)
  return state.broadcast.state !== 'off' && newest && !newest.end ? newest : null
}

/** Still wanted, or wanted a moment ago. */
export function isKept(state: ClassState, wantedAt: number | null, now: number): boolean {
  if (isWanted(state)) return true
  return state.phase === 'live' && wantedAt !== null && now - wantedAt < LINGER_MS
}

/** Wanted against actual: what to do now. Pure. Nothing to do is an empty list. */
export function nextActions(situation: Situation): Action[] {
  const { state, egresses, memory, now } = situation
  const run = findOpenRun(state)
  const kept = isKept(state, memory.wantedAt, now)
  const ours = [run?.runId, kept ? state.broadcast.standby?.runId : undefined]
  const strays = (egresses ?? []).filter(({ runId }) => !ours.includes(runId))
  const stops = strays.flatMap((egress) => stopAction(egress, memory, now))
  if (!run) return kept && mayRetry(situation) ? [{ kind: 'order', why: 'wanted' }, ...stops] : stops
  return [...(kept ? watch(situation, run) : conclude(situation, run)), ...stops]
}

function watch(situation: Situation, run: BroadcastRun): Action[] {
  const { health, egresses, memory, pacing, now } = situation
  if (!hasParts(health)) {
    return situation.state.broadcast.state === 'on' ? awaitNews(situation, run) : awaitBirth(situation, run)
  }
  const silentMs = now - Math.max(health.seenAt, memory.blindAt)
  const isOver = health.ended === true || (egresses !== null && !isActive(egresses, run))
  const taken = takeOver(situation, health, silentMs, isOver)
  if (taken.length > 0) return taken
  const ended = silentMs >= SETTLE_MS && isOver
  if (ended || silentMs >= pacing.staleMs) {
    return [{ kind: 'order', previousEnd: toEnd(health), why: ended ? 'ended' : 'dead' }]
  }
  const announce: Action[] =
    situation.state.broadcast.state === 'on' ? [] : [{ kind: 'announce', runId: run.runId }]
  return [...announce, ...tellPicture(situation, health), ...tendStandby(situation)]
}

/** What viewers see next belongs in the log before they see it. */
function tellPicture({ state }: Situation, { runId, picture }: RunHealth): Action[] {
  const told = state.broadcast.pictures
  if (!picture || (told?.runId === runId && told.shownAt >= picture.at)) return []
  return [{ kind: 'picture', runId, picture }]
}

/** The run was on, and its health is gone: an origin that lives will tell again. */
function awaitNews({ memory, pacing, now }: Situation, run: BroadcastRun): Action[] {
  if (now - Math.max(memory.ledAt, memory.blindAt) < pacing.startMs) return []
  return [{ kind: 'order', previousEnd: toEstimatedEnd(run, now), why: 'dead' }]
}

function awaitBirth(situation: Situation, run: BroadcastRun): Action[] {
  const { state, egresses, memory, pacing, now } = situation
  const { runId } = run
  if (egresses === null) return []
  const retry = mayRetry(situation)
  const anew = (why: 'ended' | 'unborn'): Action[] =>
    retry ? [{ kind: 'order', previousEnd: toEnd(null), why }] : []
  const start = memory.start?.runId === runId ? memory.start : null
  if (isActive(egresses, run)) {
    const askedAt = Math.max(run.orderedAt, start?.at ?? 0, memory.blindAt)
    return now - askedAt >= toStartMs(pacing, countFruitless(state)) ? anew('unborn') : []
  }
  if (start?.outcome === 'accepted') return anew('ended')
  // Nothing was begun: the same run may be asked for again, without a word in the log.
  if (start?.outcome === 'absent') return [{ kind: 'start', runId }]
  if (start?.outcome === 'refused') return retry ? [{ kind: 'start', runId }] : []
  // Not asked by us (the lead changed hands), or asked without an answer, and LiveKit lists nothing.
  if (!pacing.sameRunAgain) return anew('unborn')
  return retry ? [{ kind: 'start', runId }] : []
}

function conclude(situation: Situation, run: BroadcastRun): Action[] {
  const { state, health, egresses, memory, pacing, now } = situation
  if (egresses === null) return []
  const silentMs = hasParts(health) ? now - health.seenAt : Number.POSITIVE_INFINITY
  const egress = egresses.find(({ runId }) => runId === run.runId)
  // One that is dead does not answer either: what is left of it is stopped as a stray.
  const dead = egress && memory.stops.has(egress.egressId) && silentMs >= pacing.staleMs
  if (egress && !dead && mayStop(egress.egressId, memory)) return stopAction(egress, memory, now)
  if (silentMs < QUIET_MS) return []
  const unknown = state.broadcast.state === 'on' && !hasParts(health)
  return [{ kind: 'conclude', end: unknown ? toEstimatedEnd(run, now) : toEnd(health) }]
}

/** Has not been asked in vain too often. */
export function mayStop(egressId: string, memory: Memory): boolean {
  return (memory.stops.get(egressId)?.attempts ?? 0) < STOP_ATTEMPTS
}

function stopAction({ egressId, runId }: ActiveEgress, memory: Memory, now: number): Action[] {
  const last = memory.stops.get(egressId)
  if (!mayStop(egressId, memory) || (last && now - last.at < STOP_AGAIN_MS)) return []
  return [{ kind: 'stop', egressId, runId }]
}

function isActive(egresses: readonly ActiveEgress[], { runId }: BroadcastRun): boolean {
  return egresses.some((egress) => egress.runId === runId)
}

function mayRetry({ memory, now }: Situation): boolean {
  return now - (memory.start?.at ?? 0) >= toRetryMs(memory.failures)
}

/** Closed runs at the end of the list that never produced a part. */
function countFruitless(state: ClassState): number {
  const closed = state.broadcast.runs.filter((run) => run.end)
  const last = closed.findLastIndex((run) => run.end?.segments !== 0)
  return closed.length - 1 - last
}
