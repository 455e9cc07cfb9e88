import { z } from 'zod'

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const count = z.number().int().nonnegative()
/** Beyond, there is no date (ECMA-262, 21.4.1.1). */
const serverMs = z.number().nonnegative().max(8.64e15)
/** Longer is no heading; what a teacher shows on screen is cut to this by whoever makes the chapter. */
const TITLE_CHARACTERS = 200

const plan = z
  .object({
    classId: id,
    ended: z.boolean(),
    recorded: z.boolean(),
    runs: z.array(
      z.object({
        runId: id,
        base: count,
        skip: count.optional(),
        end: z.object({ segments: count, lastParts: count }).optional(),
      }),
    ),
    standby: z.object({ runId: id }).optional(),
    closing: id.optional(),
    closingId: id.optional(),
    chapters: z.array(z.object({ at: serverMs, title: z.string().min(1).max(TITLE_CHARACTERS) })).optional(),
    recording: z.array(z.object({ from: serverMs, to: serverMs.optional() })).optional(),
    trimAt: serverMs.optional(),
    keepUntil: serverMs.optional(),
  })
  .refine(({ runs }) =>
    runs.every((run, index) => {
      const next = runs[index + 1]
      return next === undefined || (run.end !== undefined && next.base === run.base + run.end.segments)
    }),
  )

/**
 * What the director tells the origins.
 * - `runs`: those that make the broadcast, from the log. `base`: media sequence number of the run's segment 0. `end`: the
 *   run is frozen; only its first `segments` segments exist, the last with its first `lastParts` parts. Every run but the
 *   last has an end, and the next one starts where it ended. `skip`: so many of its first segments are not part of it, and
 *   it is counted as if they had never been.
 * - `standby`: a run that is watched and not listed.
 * - `closing`: the newest run is about to be frozen; nothing more of it is listed, and each origin says how far it is.
 *   `closingId`: which time this is, for a run that was not frozen goes on and may be closed again.
 * - `chapters`: server time and title, for the replay.
 * - `recording`: the times that are recorded; absent: all of it. `trimAt`: from then on what is not recorded of an ended
 *   class is gone.
 * - `keepUntil`: from this server time on the media of an ended class may be deleted; absent: the origin's own rule.
 */
export type BroadcastPlan = z.infer<typeof plan>
export type PlannedRun = BroadcastPlan['runs'][number]

/** What `amphi:{classId}:plan` holds; null for anything that is no legal plan of this class. */
export function parsePlan(classId: string, text: string): BroadcastPlan | null {
  try {
    const parsed = plan.safeParse(JSON.parse(text))
    return parsed.success && parsed.data.classId === classId ? parsed.data : null
  } catch {
    return null
  }
}

/** Whether a run may still grow. */
export function isRunning(plan: BroadcastPlan): boolean {
  const last = plan.runs.at(-1)
  return !plan.ended && last !== undefined && last.end === undefined
}

/** Nothing of the class is to be had any more: it was deleted, or its time is over. */
export function isOver({ ended, keepUntil }: BroadcastPlan, now: number): boolean {
  return ended && keepUntil !== undefined && keepUntil <= now
}
