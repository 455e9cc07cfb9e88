import type { By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Decision, refuse } from './decision'
import type { FactAmong } from './facts'
import type { Broadcast, BroadcastRun, ClassState, RunEnd } from './state'

type BroadcastCommand = CommandOf<
  'broadcast:run' | 'broadcast:seen' | 'broadcast:stop' | 'broadcast:picture' | 'broadcast:standby'
>

export function decideBroadcast(state: ClassState, by: By, command: BroadcastCommand): Decision {
  if (by.kind !== 'system') return refuse('not_allowed')
  const { broadcast } = state
  const newest = broadcast.runs.at(-1)
  switch (command.name) {
    case 'broadcast:run': {
      if (state.phase !== 'live') return refuse('class_not_live')
      const { runId, previousEnd, skip } = command
      if (broadcast.runs.some((r) => r.runId === runId)) return accept()
      // Only what has been running beside can have written something already.
      if (skip !== undefined && broadcast.standby?.runId !== runId) return refuse('stale_run')
      return accept({
        type: 'broadcast.run',
        runId,
        ...(previousEnd && { previousEnd }),
        ...(skip && { skip }),
      })
    }
    case 'broadcast:standby': {
      const { runId } = command
      if (broadcast.state === 'off' || broadcast.runs.some((r) => r.runId === runId))
        return refuse('stale_run')
      return broadcast.standby?.runId === runId ? accept() : accept({ type: 'broadcast.standby', runId })
    }
    case 'broadcast:seen':
      if (newest?.runId !== command.runId || broadcast.state === 'off') return refuse('stale_run')
      return broadcast.state === 'on' ? accept() : accept({ type: 'broadcast.started', runId: command.runId })
    case 'broadcast:stop': {
      const { end } = command
      return broadcast.state === 'off' ? accept() : accept({ type: 'broadcast.stopped', ...(end && { end }) })
    }
    case 'broadcast:picture': {
      const { runId, main, aside, at } = command
      if (newest?.runId !== runId || broadcast.state === 'off') return refuse('stale_run')
      if (broadcast.pictures?.runId === runId && broadcast.pictures.shownAt >= at) return accept()
      return accept({ type: 'broadcast.pictured', runId, main, aside, shownAt: at })
    }
  }
}

type BroadcastFact = FactAmong<
  'broadcast.run' | 'broadcast.started' | 'broadcast.stopped' | 'broadcast.pictured' | 'broadcast.standby'
>

export function evolveBroadcast(state: ClassState, fact: BroadcastFact): ClassState {
  return { ...state, broadcast: evolved(state.broadcast, fact) }
}

function evolved(broadcast: Broadcast, fact: BroadcastFact): Broadcast {
  switch (fact.type) {
    case 'broadcast.run': {
      const runs = frozen(broadcast.runs, fact.previousEnd)
      const last = runs.at(-1)
      const base = last ? last.base + (last.end?.segments ?? 0) : 0
      const next = broadcast.state === 'off' || broadcast.state === 'starting' ? 'starting' : 'restarting'
      const { runId, skip } = fact
      const ordered = [...runs, { runId, base, orderedAt: fact.at, ...(skip && { skip }) }]
      const { standby, ...rest } = broadcast
      const waits = standby && standby.runId !== runId
      return { ...rest, state: next, since: fact.at, runs: ordered, ...(waits && { standby }) }
    }
    case 'broadcast.standby':
      return { ...broadcast, standby: { runId: fact.runId, orderedAt: fact.at } }
    case 'broadcast.started':
      return { ...broadcast, state: 'on', since: fact.at }
    case 'broadcast.pictured': {
      const { runId, main, aside, shownAt } = fact
      return { ...broadcast, pictures: { runId, main, aside, shownAt } }
    }
    case 'broadcast.stopped':
      return { state: 'off', runs: frozen(broadcast.runs, fact.end) }
  }
}

/** The newest run counts for this much and never for more; one that was not seen to begin counts for nothing. */
function frozen(runs: readonly BroadcastRun[], end: RunEnd = { segments: 0, lastParts: 0 }): BroadcastRun[] {
  return runs.map((run, i) => (i === runs.length - 1 && !run.end ? { ...run, end } : run))
}
