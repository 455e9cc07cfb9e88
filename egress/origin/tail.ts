import { UNRECORDED_SECONDS } from './limits'
import { type Edge, findEdge, findSegment, type Timeline, type TimelineSegment } from './timeline'

/** `skipped` of the segments may be left out of a delta update; `fromEnd`: seconds from their start to the edge. */
export type Tail = { firstMsn: number; skipped: number; segments: TimelineSegment[]; fromEnd: number[] }

/** The newest whole segments, oldest first: those across the boundary and nearer than it, and `more` before. */
export function toTail(
  timeline: Timeline,
  variant: string,
  { nextMsn, open }: Edge,
  seconds: number,
  more: number,
): Tail {
  const segments: TimelineSegment[] = []
  const fromEnd: number[] = []
  let distance = open?.durationSeconds ?? 0
  let beyond = 0
  while (beyond <= more) {
    const segment = findSegment(timeline, variant, nextMsn - segments.length - 1)
    if (!segment) break
    distance += segment.durationSeconds
    segments.push(segment)
    fromEnd.push(distance)
    if (distance > seconds) beyond += 1
  }
  const firstMsn = nextMsn - segments.length
  return {
    firstMsn,
    skipped: Math.max(0, beyond - 1),
    segments: segments.reverse(),
    fromEnd: fromEnd.reverse(),
  }
}

/** What is left in the playlist of an ended class that was not recorded, or not all of it. */
export function toLastWindow(timeline: Timeline, variant: string): Tail {
  return toTail(timeline, variant, findEdge(timeline, variant), UNRECORDED_SECONDS, 0)
}
