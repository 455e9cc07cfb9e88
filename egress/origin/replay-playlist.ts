import { toCommonEnd } from './common-end'
import { findTimes, isKept } from './kept'
import { pushSegment, toPictureLine } from './playlist-lines'
import type { PictureRecord } from './run-record'
import { findEdge, findSegment, type Timeline, type TimelineSegment } from './timeline'

/** The segments of an ended class that were recorded, as if there had been no others: numbers begin at 0. */
export function toReplayLines(timeline: Timeline, variant: string): string[] {
  const lines: string[] = []
  let map = ''
  let last: TimelineSegment | null = null
  let pictures = 0
  const { nextMsn } = findEdge(timeline, variant)
  const lastMsn = findLastKept(timeline, variant, nextMsn)
  for (let msn = 0; msn <= lastMsn; msn++) {
    const own = findSegment(timeline, variant, msn)
    if (!own || !isKept(timeline, own)) continue
    const segment = msn === lastMsn ? toCommonEnd(timeline, variant, own) : own
    const goesOn = last?.msn === msn - 1 && last.runId === segment.runId
    const dates = toKeptPictures(timeline, segment, goesOn).map(({ picture, startMs }) =>
      toPictureLine(pictures++, picture, startMs),
    )
    map = pushSegment(lines, variant, afterHole(segment, last), map, false, dates)
    last = segment
  }
  return lines
}

function findLastKept(timeline: Timeline, variant: string, nextMsn: number): number {
  for (let msn = nextMsn - 1; msn >= 0; msn--) {
    const segment = findSegment(timeline, variant, msn)
    if (segment && isKept(timeline, segment)) return msn
  }
  return -1
}

function afterHole(segment: TimelineSegment, last: TimelineSegment | null): TimelineSegment {
  if (last === null) return { ...segment, discontinuity: false }
  return segment.msn === last.msn + 1 ? segment : { ...segment, discontinuity: true }
}

/**
 * The pictures that a segment shows and no others: what was shown while nothing was recorded is told to nobody. Behind a
 * hole the one that is on then is told anew, from there.
 */
function toKeptPictures(
  timeline: Timeline,
  segment: TimelineSegment,
  goesOn: boolean,
): { picture: PictureRecord; startMs: number }[] {
  const times = findTimes(timeline, segment)
  const pictures = timeline.spans.find(({ runId }) => runId === segment.runId)?.record?.pictures
  if (!times || !pictures) return []
  const { from, to } = times
  const on = goesOn ? undefined : pictures.findLast(({ at }) => at <= from)
  const begun = pictures.filter(({ at }) => at < to && (goesOn ? at >= from : at > from))
  return [...(on ? [on] : []), ...begun].map((picture) => ({ picture, startMs: Math.max(picture.at, from) }))
}
