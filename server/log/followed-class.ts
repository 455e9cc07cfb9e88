import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { Head } from './head'

/** Facts that were committed together. `states[i]` is the state after `facts[i]`. */
export type Batch = { before: ClassState; after: ClassState; facts: Fact[]; states: ClassState[]; head: Head }

export type ClassEvent =
  | { kind: 'batch'; batch: Batch }
  /** History was broken (a store lost its tail, or facts are gone that were not seen): everybody takes a snapshot. */
  | { kind: 'epoch'; state: ClassState; head: Head }
  | { kind: 'lead'; leading: boolean }
  /** `upgrade`: a fact that this process does not know; `gone`: this process stops following. The last event. */
  | { kind: 'closed'; reason: 'upgrade' | 'gone' }

export type ClassListener = (event: ClassEvent) => void

export interface FollowedClass {
  readonly classId: string
  readonly state: ClassState
  readonly head: Head
  /** This process decides the commands of the class at the moment. */
  readonly leading: boolean
  /** In order, every fact exactly once from the moment of the call. Returns the end of listening. */
  listen(listener: ClassListener): () => void
  /** The facts after `seq` of this epoch, from memory or Redis; null: not to be had, take a snapshot. */
  factsAfter(epoch: number, seq: number): Promise<Fact[] | null>
}
