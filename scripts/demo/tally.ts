/** Acks that the 95th percentile is of: the last minute or two at a human pace. */
const ACKS_KEPT = 200

const deeds = ['hands', 'lowered', 'questions', 'votes', 'messages', 'declined', 'reloads', 'parts'] as const
export type Deed = (typeof deeds)[number]

/** What the crowd has done so far, and what came of it. */
export type Tally = {
  done: Record<Deed, number>
  refusals: Map<string, number>
  errors: Map<string, number>
  count(deed: Deed): void
  refuse(code: string): void
  /** Something that should not have happened, by a short name. */
  fail(what: string): void
  ack(ms: number): void
  /** Null: there was no ack yet. */
  p95AckMs(): number | null
}

export function createTally(): Tally {
  const acks: number[] = []
  const done = Object.fromEntries(deeds.map((deed) => [deed, 0])) as Record<Deed, number>
  const refusals = new Map<string, number>()
  const errors = new Map<string, number>()
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  return {
    done,
    refusals,
    errors,
    count: (deed) => {
      done[deed] += 1
    },
    refuse: (code) => void add(refusals, code),
    fail: (what) => void add(errors, what),
    ack(ms) {
      acks.push(ms)
      if (acks.length > ACKS_KEPT) acks.shift()
    },
    p95AckMs() {
      const sorted = [...acks].sort((a, b) => a - b)
      return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null
    },
  }
}
