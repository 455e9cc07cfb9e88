import { z } from 'zod'

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const count = z.number().int().nonnegative()

const plan = z
  .object({
    classId: id,
    ended: z.boolean(),
    recorded: z.boolean(),
    runs: z.array(
      z.object({
        runId: id,
        base: count,
        end: z.object({ segments: count, lastParts: count }).optional(),
      }),
    ),
  })
  .refine(({ runs }) =>
    runs.every((run, index) => {
      const next = runs[index + 1]
      return next === undefined || (run.end !== undefined && next.base === run.base + run.end.segments)
    }),
  )

/**
 * What the director tells the origins. Which runs make the broadcast, from the log. `base`: media sequence number of the run's segment 0. `end`: the
 * run is frozen; only its first `segments` segments exist, the last with its first `lastParts` parts. Every run
 * but the last has an end, and the next one starts where it ended.
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
