import type { FollowedClass } from '../../server/log/followed-class'
import type { Board } from './board'
import { toPlan } from './plan'

/** Keeps the plan in Redis equal to the log, one write at a time, always of the newest state. */
export type PlanWriter = {
  /** Resolves when what is written is as new as the state was at the call, or when it failed. */
  write(): Promise<void>
  /**
   * Has the origins list nothing more of the newest run, and say how far it is: what it is frozen at is then exactly what
   * viewers were told, however busy an origin is. It stays so until the run has an end, or `reopen`.
   */
  close(runId: string): Promise<void>
  reopen(): void
  /** The next `write` writes even if nothing changed. */
  forget(): void
}

/** An origin that has not answered by then hangs; with one that is only slow, haste would take back what it lists. */
const CLOSE_MS = 3_000

export function createPlanWriter(
  led: FollowedClass,
  board: Board,
  retentionDays: number,
  onFailure: () => void,
): PlanWriter {
  let written: string | null = null
  let writing = Promise.resolve()
  let closing: { runId: string; closingId: string } | null = null
  let origins = 0

  async function writeNewest(): Promise<void> {
    const { state, head, leading } = led
    const isOpen = state.broadcast.runs.some(({ runId, end }) => runId === closing?.runId && !end)
    const said = closing && isOpen && { closing: closing.runId, closingId: closing.closingId }
    const text = JSON.stringify({ ...toPlan(state, retentionDays), ...said })
    if (!leading || text === written) return
    try {
      origins = await board.writePlan(led.classId, text, head)
      written = text
    } catch {
      onFailure()
    }
  }

  function write(): Promise<void> {
    writing = writing.then(writeNewest)
    return writing
  }

  return {
    write,
    async close(runId) {
      // A name of its own: what origins said at an earlier closing does not count for this one.
      const own = { runId, closingId: crypto.randomUUID() }
      closing = own
      await write()
      await board.untilClosed(led.classId, own, origins, CLOSE_MS)
    },
    reopen() {
      closing = null
    },
    forget() {
      written = null
    },
  }
}
