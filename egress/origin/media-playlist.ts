import {
  LIVE_WINDOW_SECONDS,
  PART_HOLD_BACK_SECONDS,
  PART_TARGET_SECONDS,
  PARTS_LISTED_SECONDS,
  SKIP_UNTIL_SECONDS,
  TARGET_SECONDS,
} from './limits'
import { toInitName, toPartName, toPlaylistName, toSegmentName } from './names'
import {
  countBreaksBefore,
  findEdge,
  findSegment,
  type MediaSegment,
  type Timeline,
  type TimelineSegment,
} from './timeline'

/** 9: delta updates. */
const VERSION = 9

/**
 * `live`: the window at the edge with its parts, and ENDLIST once the class has ended. `delta`: the same, what
 * the player knows left out. `replay`: all of an ended class.
 */
export type PlaylistForm = 'live' | 'delta' | 'replay'

/** Renders a media playlist (RFC 8216bis). Every URI in it is relative and the same for all viewers. */
export function renderMediaPlaylist(timeline: Timeline, variant: string, form: PlaylistForm): string {
  const edge = findEdge(timeline, variant)
  const windowSeconds = form === 'replay' ? Number.POSITIVE_INFINITY : LIVE_WINDOW_SECONDS
  const segments = toWindow(timeline, variant, edge.open, windowSeconds)
  const fromEnd = toDistancesFromEnd(segments, edge.open)
  // Skipped is what ends before the boundary, so the segment across it stays.
  const beyond = fromEnd.filter((seconds) => seconds > SKIP_UNTIL_SECONDS).length
  const skipped = form === 'delta' ? Math.max(0, beyond - 1) : 0
  const firstMsn = segments[0]?.msn ?? edge.nextMsn
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${TARGET_SECONDS}`,
    ...(form === 'replay' ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : lowLatencyTags()),
    `#EXT-X-MEDIA-SEQUENCE:${firstMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${countBreaksBefore(timeline, firstMsn)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
  ]
  let map = ''
  for (const [index, segment] of segments.entries()) {
    const own = toMapLine(segment, variant) ?? map
    if (index >= skipped) {
      lines.push(...toHead(segment, own === map ? null : own))
      const listsParts = form !== 'replay' && (fromEnd[index] ?? 0) <= PARTS_LISTED_SECONDS
      if (listsParts && segment.kind === 'media') lines.push(...toPartLines(segment, variant))
      if (segment.kind === 'gap') lines.push('#EXT-X-GAP')
      lines.push(`#EXTINF:${toSeconds(segment.durationSeconds)},`)
      lines.push(toSegmentName(segment.runId, variant, segment.number))
    }
    map = own
  }
  if (edge.open) {
    const own = toMapLine(edge.open, variant)
    lines.push(...toHead(edge.open, own === map ? null : own), ...toPartLines(edge.open, variant))
  }
  if (timeline.ended) lines.push('#EXT-X-ENDLIST')
  else lines.push(...toHint(timeline, variant), ...toReports(timeline, variant))
  return `${lines.join('\n')}\n`
}

/** The part that comes next in the run that is on: what EXT-X-PRELOAD-HINT names. */
export function findHint(timeline: Timeline, variant: string) {
  const span = timeline.spans.at(-1)
  if (timeline.ended || !span || span.end || span.record?.ended) return null
  const { nextMsn, open } = findEdge(timeline, variant)
  return { runId: span.runId, number: nextMsn - span.base, part: open?.parts.length ?? 0 }
}

function lowLatencyTags(): string[] {
  const control = [
    'CAN-BLOCK-RELOAD=YES',
    `CAN-SKIP-UNTIL=${SKIP_UNTIL_SECONDS.toFixed(1)}`,
    `PART-HOLD-BACK=${PART_HOLD_BACK_SECONDS}`,
  ]
  return [`#EXT-X-SERVER-CONTROL:${control.join(',')}`, `#EXT-X-PART-INF:PART-TARGET=${PART_TARGET_SECONDS}`]
}

/** The newest whole segments, oldest first, as many as fill the window. */
function toWindow(timeline: Timeline, variant: string, open: MediaSegment | null, windowSeconds: number) {
  const segments: TimelineSegment[] = []
  let seconds = open?.durationSeconds ?? 0
  for (let msn = findEdge(timeline, variant).nextMsn - 1; seconds < windowSeconds; msn--) {
    const segment = findSegment(timeline, variant, msn)
    if (!segment) break
    segments.push(segment)
    seconds += segment.durationSeconds
  }
  return segments.reverse()
}

/** How far the start of each segment is from the end of the playlist, seconds. */
function toDistancesFromEnd(segments: readonly TimelineSegment[], open: MediaSegment | null): number[] {
  let seconds = open?.durationSeconds ?? 0
  const distances = segments.map((_, index) => {
    seconds += segments[segments.length - 1 - index]?.durationSeconds ?? 0
    return seconds
  })
  return distances.reverse()
}

function toHead(segment: TimelineSegment, map: string | null): string[] {
  return [
    ...(segment.discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(map === null ? [] : [map]),
    ...(segment.pdtMs === null ? [] : [`#EXT-X-PROGRAM-DATE-TIME:${toDate(segment.pdtMs)}`]),
  ]
}

function toMapLine(segment: TimelineSegment, variant: string): string | null {
  if (segment.kind === 'gap') return null
  return `#EXT-X-MAP:URI="${toInitName(segment.runId, variant, segment.init.init)}"`
}

function toPartLines(segment: MediaSegment, variant: string): string[] {
  return segment.parts.map((part, index) => {
    const independent = part.independent ? ',INDEPENDENT=YES' : ''
    const uri = toPartName(segment.runId, variant, segment.number, index)
    return `#EXT-X-PART:DURATION=${toSeconds(part.durationSeconds)}${independent},URI="${uri}"`
  })
}

function toHint(timeline: Timeline, variant: string): string[] {
  const hint = findHint(timeline, variant)
  if (!hint) return []
  return [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${toPartName(hint.runId, variant, hint.number, hint.part)}"`]
}

function toReports(timeline: Timeline, variant: string): string[] {
  return timeline.variants.flatMap((other) => {
    const { nextMsn, open } = findEdge(timeline, other)
    const last = findSegment(timeline, other, nextMsn - 1)
    if (other === variant || (!open && !last)) return []
    const parts = open ?? (last?.kind === 'media' ? last : null)
    const lastPart = parts ? `,LAST-PART=${parts.parts.length - 1}` : ''
    const lastMsn = open ? nextMsn : nextMsn - 1
    return [`#EXT-X-RENDITION-REPORT:URI="${toPlaylistName(other)}",LAST-MSN=${lastMsn}${lastPart}`]
  })
}

function toSeconds(seconds: number): string {
  return seconds.toFixed(5)
}

function toDate(ms: number): string {
  return new Date(Math.round(ms)).toISOString()
}
