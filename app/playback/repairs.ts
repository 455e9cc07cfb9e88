import type { Trouble } from './phase'
import { type Failure, type Recovery, toRecovery } from './recovery'

export type Repairs = {
  failed(failure: Failure): void
  /** The picture moves. */
  moved(at: number): void
  isPending(): boolean
  trouble(): Trouble
  /** Something was shown already: what fails now is an interruption, not a start. */
  hasShown(): boolean
  /** The network says that it is back: don't wait any longer. */
  hurry(): void
  end(): void
}

type Dependencies = {
  clock(): number
  random(): number
  repair(recovery: Recovery, failure: Failure): void
}

/** After so much undisturbed play, a new failure is the first one again. */
const HEALTHY_MS = 10_000

/** Counts failures in a row, waits, and repairs: one repair at a time. */
export function createRepairs({ clock, random, repair }: Dependencies): Repairs {
  let attempt = 0
  let brokenAt = Number.NEGATIVE_INFINITY
  let trouble: Trouble = 'starting'
  let shown = false
  let pending: { timer: ReturnType<typeof setTimeout>; run(): void } | null = null

  return {
    failed(failure) {
      // What fails while a repair is due is the same failure.
      if (pending) return
      const recovery = toRecovery(failure, attempt++, random())
      brokenAt = clock()
      trouble = failure.kind === 'refused' && shown ? 'recovering' : recovery.phase
      const run = () => {
        pending = null
        repair(recovery, failure)
      }
      pending = { timer: setTimeout(run, recovery.afterMs), run }
    },
    moved(at) {
      shown = true
      if (!pending) trouble = null
      if (at - brokenAt > HEALTHY_MS) attempt = 0
    },
    isPending: () => pending !== null,
    trouble: () => trouble,
    hasShown: () => shown,
    hurry() {
      if (!pending) return
      clearTimeout(pending.timer)
      pending.run()
    },
    end() {
      if (pending) clearTimeout(pending.timer)
      pending = null
    },
  }
}
