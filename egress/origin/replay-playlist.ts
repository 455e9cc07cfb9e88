import { isRecorded } from '../recorded'
import { pushSegment } from './playlist-lines'
import { findEdge, findSegment, type Timeline, type TimelineSegment } from './timeline'

/** Where no journal says when the next segment began. */
const NOMINAL_MS = 2000

/** Whether a segment is part of the recording: the same for all variants. */
function isKept({ recording, spans }: Timeline, runId: string, number: number): boolean {
  if (!recording) return true
  const boundaries = spans.find((span) => span.runId === runId)?.record?.boundaries
  const start = boundaries?.[number]?.pdtMs
  if (start === undefined) return false
  return isRecorded(recording, start, (boundaries?.[number + 1]?.pdtMs ?? start + NOMINAL_MS) - start)
}

/** Whether something of the class was not recorded. */
export function isPartlyRecorded(timeline: Timeline): boolean {
  if (!timeline.recording) return false
  return timeline.spans.some(({ runId, record, end }) => {
    const counted = end?.segments ?? record?.boundaries.length ?? 0
    return (record?.boundaries ?? []).some(
      (_, number) => number < counted && !isKept(timeline, runId, number),
    )
  })
}

/** The segments of an ended class that were recorded, as if there had been no others: numbers begin at 0. */
export function toReplayLines(timeline: Timeline, variant: string): string[] {
  const lines: string[] = []
  let map = ''
  let last = -1
  const { nextMsn } = findEdge(timeline, variant)
  for (let msn = 0; msn < nextMsn; msn++) {
    const segment = findSegment(timeline, variant, msn)
    if (!segment || !isKept(timeline, segment.runId, segment.number)) continue
    map = pushSegment(lines, timeline, variant, afterHole(segment, last), map, false)
    last = msn
  }
  return lines
}

function afterHole(segment: TimelineSegment, last: number): TimelineSegment {
  if (last === -1) return { ...segment, discontinuity: false }
  return segment.msn === last + 1 ? segment : { ...segment, discontinuity: true }
}
