import type { FollowedClass } from '../../server/log/followed-class'
import type { Board } from './board'
import { toPlan } from './plan'

/** Keeps the plan in Redis equal to the log, one write at a time, always of the newest state. */
export type PlanWriter = {
  /** Resolves when what is written is as new as the state was at the call, or when it failed. */
  write(): Promise<void>
  /** The next `write` writes even if nothing changed. */
  forget(): void
}

export function createPlanWriter(
  led: FollowedClass,
  board: Board,
  retentionDays: number,
  onFailure: () => void,
): PlanWriter {
  let written: string | null = null
  let writing = Promise.resolve()

  async function writeNewest(): Promise<void> {
    const { state, head, leading } = led
    const text = JSON.stringify(toPlan(state, retentionDays))
    if (!leading || text === written) return
    try {
      await board.writePlan(led.classId, text, head)
      written = text
    } catch {
      onFailure()
    }
  }

  return {
    write() {
      writing = writing.then(writeNewest)
      return writing
    },
    forget() {
      written = null
    },
  }
}
