import type { Broadcast } from './broadcast'
import type { InitLine } from './journal'
import { isOpen, type Opens } from './kept'
import type { MediaSegment } from './timeline'

/** Who asks, of which broadcast, and when (server time, ms). */
export type Visit = { broadcast: Broadcast; opens: Opens; now: number }

/** Bytes of one file of a run; `number`: of the segment that they are of, or that begins with them. */
export type Media = {
  name: string
  runId: string
  header: InitLine
  file: string
  offset: number
  size: number
  number: number
}

/** The segment, if it may be had. */
export function toOpen(
  { broadcast, opens, now }: Visit,
  variant: string,
  segment: MediaSegment | null,
): MediaSegment | null {
  return segment && isOpen(broadcast.timeline(), variant, segment, opens, now) ? segment : null
}

/** An init segment, and the number of a segment that may be had and needs it. */
export function findInit(visit: Visit, runId: string, variant: string, init: number) {
  const record = visit.broadcast.run(runId)?.variants.get(variant)
  const header = record?.inits.get(init)
  if (!record || !header) return null
  for (const segment of record.segments.values()) {
    if (segment.init !== init) continue
    const { number } = segment
    if (toOpen(visit, variant, visit.broadcast.findSegment(runId, variant, number))) return { header, number }
  }
  return null
}
