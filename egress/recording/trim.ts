import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BroadcastPlan } from '../plan'
import { RECORDING_FOLDER } from './files'
import { isKept } from './pieces'
import { type KeptRun, readRunJournal } from './run-journal'

/** Segments, as our worker and livekit/egress name them. Init segments show nothing. */
const MEDIA = /\.(?:m4s|ts)$/

/**
 * Deletes the media of an ended class that no recorded time holds, in all variants: also what a run wrote before or after
 * it counted, and runs that never did. Says how many files.
 */
export async function trimClass(broadcastDir: string, plan: BroadcastPlan): Promise<number> {
  const classDir = join(broadcastDir, plan.classId)
  let removed = 0
  for (const entry of await readdir(classDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === RECORDING_FOLDER) continue
    const kept = await findKept(broadcastDir, plan, entry.name)
    const files = await readdir(join(classDir, entry.name))
    for (const file of files.filter((name) => MEDIA.test(name) && !kept.has(name))) {
      await rm(join(classDir, entry.name, file), { force: true })
      removed += 1
    }
  }
  return removed
}

async function findKept(broadcastDir: string, plan: BroadcastPlan, runId: string): Promise<Set<string>> {
  const planned = plan.runs.find((run) => run.runId === runId)
  const run: KeptRun | null =
    planned && plan.recorded ? await readRunJournal(broadcastDir, plan.classId, runId, planned.skip) : null
  const segments = [...(run?.variants.values() ?? [])].flatMap((variant) => [...variant.segments.values()])
  const counted = segments.filter(({ number }) => !planned?.end || number < planned.end.segments)
  return new Set(counted.filter(({ number }) => run && isKept(plan, run, number)).map(({ file }) => file))
}
