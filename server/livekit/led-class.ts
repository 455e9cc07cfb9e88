import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'

/** What the reconciler needs of a followed class: its newest state, what happens in it, and whether we lead it. */
export type LedClass = {
  readonly classId: string
  readonly state: ClassState
  readonly leading: boolean
  listen(listener: (event: LedClassEvent) => void): () => void
}

export type LedClassEvent =
  | { kind: 'batch'; batch: { facts: readonly Fact[]; after: ClassState } }
  | { kind: 'epoch'; state: ClassState }
  | { kind: 'lead'; leading: boolean }
  | { kind: 'closed'; reason: string }
