import { z } from 'zod'

/** It becomes part of a quoted string in playlists. */
const personId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const shown = z.object({ personId, source: z.enum(['camera', 'screen']) }).nullable()
/** Beyond, there is no date (ECMA-262, 21.4.1.1). */
const LATEST_DATE_MS = 8.64e15
/** From server time `at` on, the main picture and the one beside it show these; null: there is none. */
export const picture = z.object({
  at: z.number().nonnegative().max(LATEST_DATE_MS),
  main: shown,
  aside: shown,
})
export type Picture = z.infer<typeof picture>

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
  /** Its journal has come to its end: there will be no more. */
  ended: z.boolean().optional(),
  /** The newest change of pictures in its journal. */
  picture: picture.optional(),
})
export type RunHealth = z.infer<typeof runHealth>

/** Under which a run is reported while it is a standby: its segments are counted from its own beginning. */
export const toStandbyName = (runId: string) => `${runId}.standby`

/** A field beside the health of a run, by which an origin says that it lists nothing more of it, for this closing. */
export const toClosedName = (runId: string, closingId: string, originId: string) =>
  `${runId}.closed.${closingId}.${originId}`

/** null for anything that is no report. */
export function parseHealth(text: string | null): RunHealth | null {
  if (text === null) return null
  try {
    return runHealth.parse(JSON.parse(text))
  } catch {
    return null
  }
}
