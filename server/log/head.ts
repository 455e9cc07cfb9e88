/**
 * Where a history stands. `nonce` is random and new at every append: after a store that lost its tail, the same
 * `seq` may mean another history. `seq` never goes down, not even from one epoch to the next.
 */
export type Head = { epoch: number; seq: number; nonce: string }

/** Of a class that has no fact yet. */
export const noHead: Head = { epoch: 0, seq: 0, nonce: '' }

export function sameHead(a: Head, b: Head): boolean {
  return a.epoch === b.epoch && a.seq === b.seq && a.nonce === b.nonce
}
