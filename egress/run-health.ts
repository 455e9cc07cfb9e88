import { z } from 'zod'

const shown = z.object({ personId: z.string(), source: z.enum(['camera', 'screen']) }).nullable()

/** How far a run of the broadcast has come: reported by origins, and what the director freezes a dead run at. */
const runHealth = z.object({
  runId: z.string(),
  /** Segments begun. */
  segments: z.number().int().nonnegative(),
  /** Parts listed of the last of them, in the variant that has most. */
  parts: z.number().int().nonnegative(),
  /** The moment that the newest part shows; this and all times: server time, ms. */
  lastPdt: z.number(),
  /** When the newest part was seen. */
  seenAt: z.number(),
  firstPartAt: z.number().optional(),
  /** The newest change of pictures in its journal: from `at` on these are shown. */
  picture: z.object({ at: z.number(), main: shown, aside: shown }).optional(),
})
export type RunHealth = z.infer<typeof runHealth>

/** null for anything that is no report. */
export function parseHealth(text: string | null): RunHealth | null {
  if (text === null) return null
  try {
    return runHealth.parse(JSON.parse(text))
  } catch {
    return null
  }
}
