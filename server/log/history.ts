import type { ClassState } from '../classroom/state'
import type { Batch } from './followed-class'
import type { Head } from './head'
import { RING_FACTS } from './limits'
import type { Entry } from './read'
import type { Rules } from './rules'

export type Remembered = { after: Head; entries: readonly Entry[] }

/** What a process remembers of a class: its state, where that stands, and the newest facts. No I/O. */
export interface History {
  readonly state: ClassState
  readonly head: Head
  /** The entries must follow the head. `states` saves evolving again where the leader has done so. */
  advance(entries: readonly Entry[], epoch: number, states?: readonly ClassState[]): Batch
  /** Another history: what was remembered of the old one is forgotten. */
  reset(state: ClassState, head: Head): void
  /** Of the append that brought fact `seq` of this epoch; null: not remembered. */
  nonceAt(seq: number): string | null
  /** null: not all of them are remembered. */
  entriesAfter(seq: number, limit?: number): Entry[] | null
  /** The append with this nonce is part of this history. */
  has(nonce: string): boolean
  /** All that is remembered, and the head it follows. */
  remembered(): Remembered
}

export function createHistory(rules: Rules, state: ClassState, head: Head): History {
  let ring: Entry[] = []
  let floor = head // where the ring begins
  const indexOf = (seq: number) => seq - floor.seq - 1

  return {
    get state() {
      return state
    },
    get head() {
      return head
    },
    advance(entries, epoch, states) {
      const before = state
      const after = states ? [...states] : evolveAll(rules, state, entries)
      state = after.at(-1) ?? state
      const last = entries.at(-1)
      if (last) head = { epoch, seq: last.fact.seq, nonce: last.nonce }
      ring.push(...entries)
      if (ring.length > 2 * RING_FACTS) {
        const dropped = ring.length - RING_FACTS
        const edge = ring[dropped - 1]
        if (edge) floor = { epoch, seq: edge.fact.seq, nonce: edge.nonce }
        ring = ring.slice(dropped)
      }
      if (floor.epoch === 0) floor = { ...floor, epoch } // the first facts of a class begin its first epoch
      return { before, after: state, facts: entries.map((e) => e.fact), states: after, head }
    },
    reset(nextState, nextHead) {
      state = nextState
      head = floor = nextHead
      ring = []
    },
    nonceAt(seq) {
      return seq === floor.seq ? floor.nonce : (ring[indexOf(seq)]?.nonce ?? null)
    },
    entriesAfter(seq, limit = Number.POSITIVE_INFINITY) {
      if (seq < floor.seq || seq > head.seq) return null
      const from = indexOf(seq) + 1
      return ring.slice(from, from + limit)
    },
    has: (nonce) => ring.some((e) => e.nonce === nonce),
    remembered: () => ({ after: floor, entries: ring }),
  }
}

function evolveAll(rules: Rules, state: ClassState, entries: readonly Entry[]): ClassState[] {
  let now = state
  return entries.map(({ fact }) => {
    now = rules.evolve(now, fact)
    return now
  })
}
