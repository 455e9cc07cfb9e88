import { waitingLine } from '../classroom/placement'
import type { ClassState } from '../classroom/state'
import type { You } from '../classroom/you'

/** A place in a line is looked at, not watched: every other second is often enough. */
const POSITIONS_EVERY_TICKS = 2

export type WaitingLine = {
  sent(you: You): void
  forget(personId: string): void
  /** Every other tick: those here whose place is another than the one they were last told. */
  moved(tick: number, state: ClassState, here: ReadonlyMap<string, unknown>): Iterable<string>
}

export function createWaitingLine(): WaitingLine {
  const told = new Map<string, number>()
  let lookedAt: ClassState['people'] | null = null
  return {
    sent({ personId, waiting }) {
      if (waiting) told.set(personId, waiting.position)
      else told.delete(personId)
    },
    forget: (personId) => void told.delete(personId),
    moved(tick, state, here) {
      if (tick % POSITIONS_EVERY_TICKS !== 0 || state.tiers.waiting === 0 || lookedAt === state.people)
        return []
      lookedAt = state.people
      return waitingLine(state)
        .map(({ personId }, index) => ({ personId, position: index + 1 }))
        .filter(({ personId, position }) => here.has(personId) && told.get(personId) !== position)
        .map(({ personId }) => personId)
    },
  }
}
