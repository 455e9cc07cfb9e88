import type { RunHealth } from '../run-health'
import { hasParts, toEnd } from './health'
import type { Action, Situation } from './next-actions'

/** Parts come every 0.23 s and are reported every 0.1 s: two that are missing, while the standby has had its own. */
export const TAKE_OVER_MS = 700
/** Of a run whose process is known to have gone: three reports' time, then all that viewers were told of it is known. */
export const QUICK_SETTLE_MS = 350
/** The standby's newest part; older, and it stands still as well: then it is not the run that is to blame. */
const FRESH_MS = 450
/** A standby that cannot be had is asked for again so often: it is an extra. */
export const STANDBY_RETRY_MS = 10_000
/** After a take-over: the worker that died is back by then, so that the next standby has another one than the run. */
export const STANDBY_SETTLE_MS = 2_000

/** The standby goes on where the newest run is silent, from the segment that is open: nothing is missing, some is seen twice. */
export function takeOver(
  { state, standby, now }: Situation,
  health: RunHealth,
  silentMs: number,
  isOver: boolean,
): Action[] {
  const waits = state.broadcast.standby
  if (!waits || !hasParts(standby) || silentMs < (isOver ? QUICK_SETTLE_MS : TAKE_OVER_MS)) return []
  // One that has only begun may not have a picture yet.
  if (standby.segments < 2 || now - standby.seenAt > FRESH_MS) return []
  const skip = standby.segments - 1
  return [{ kind: 'takeOver', runId: waits.runId, previousEnd: toEnd(health), skip }]
}

/** Keeps one beside a broadcast that is on. */
export function tendStandby({ state, standby, egresses, memory, pacing, now }: Situation): Action[] {
  if (!memory.wantsStandby || state.broadcast.state !== 'on' || egresses === null) return []
  if (now - memory.standbyAt < STANDBY_RETRY_MS) return []
  const waits = state.broadcast.standby
  if (!waits) return [{ kind: 'standby' }]
  const since = Math.max(hasParts(standby) ? standby.seenAt : waits.orderedAt, memory.blindAt)
  const patienceMs = hasParts(standby) ? pacing.staleMs : pacing.startMs
  const gone = !egresses.some(({ runId }) => runId === waits.runId)
  return gone || now - since >= patienceMs ? [{ kind: 'standby' }] : []
}
