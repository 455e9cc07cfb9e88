import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BroadcastPlan } from '../plan'
import { isKept } from './pieces'
import { readRunJournal } from './run-journal'

/** Deletes the segments of an ended class that no recorded time holds, in all variants. Says how many files. */
export async function trimClass(broadcastDir: string, plan: BroadcastPlan): Promise<number> {
  let removed = 0
  for (const { runId, end, skip } of plan.runs) {
    const run = await readRunJournal(broadcastDir, plan.classId, runId, skip)
    if (!run) continue
    for (const { segments } of run.variants.values()) {
      for (const { number, file } of segments.values()) {
        const counts = !end || number < end.segments
        if (counts && isKept(plan, run, number)) continue
        await rm(join(broadcastDir, plan.classId, runId, file), { force: true })
        removed += 1
      }
    }
  }
  return removed
}
