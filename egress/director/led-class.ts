import type { ClassState } from '../../server/classroom/state'

/** What the director needs of a followed class. `head` and `state` belong together whenever they are read. */
export type LedClass = {
  readonly classId: string
  readonly state: ClassState
  readonly head: { readonly epoch: number; readonly seq: number }
  readonly leading: boolean
  listen(listener: (event: LedClassEvent) => void): () => void
}

export type LedClassEvent =
  | { kind: 'batch'; batch: { after: ClassState } }
  | { kind: 'epoch'; state: ClassState }
  | { kind: 'lead'; leading: boolean }
  | { kind: 'closed'; reason: string }
