import type { Fact } from '../classroom/facts'

/** Somebody is to be erased from a class: kept until it is done, so that it is also after a crash in the middle. */
export type Erasure = { classId: string; personId: string }

/** The archive's part of forgetting people. Each may be done again. */
export interface Erasures {
  add(erasure: Erasure): Promise<void>
  /** Others at each call, if there are more. */
  list(limit: number): Promise<Erasure[]>
  /**
   * Rewrites every fact, drops the states of before this epoch, clears the query tables, and forgets the erasure: in
   * one transaction. The archive must stand in the epoch that began without the person.
   */
  carryOut(erasure: Erasure, erase: (fact: Fact) => Fact): Promise<void>
}
