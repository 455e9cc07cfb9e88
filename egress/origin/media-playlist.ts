import { toCommonEnd } from './common-end'
import { findRecordedShare, toKeptChapters } from './kept'
import {
  DVR_SEGMENTS,
  PART_HOLD_BACK_SECONDS,
  PART_TARGET_SECONDS,
  PARTS_LISTED_SECONDS,
  SKIP_UNTIL_SECONDS,
  TARGET_SECONDS,
} from './limits'
import { toPartName } from './names'
import { NOTHING, type Packable } from './packed'
import { createPlaylistHistory, PIECE_SEGMENTS, type PlaylistHistory } from './playlist-history'
import { pushOpen, pushSegment, toChapterLines, toPictureLines, toReports } from './playlist-lines'
import { toReplayLines } from './replay-playlist'
import { type Tail, toLastWindow, toTail } from './tail'
import { countBreaksBefore, type Edge, findEdge, type Timeline } from './timeline'
import { toListed } from './variants'

/** 10: delta updates that leave out dates. */
const VERSION = 10

/**
 * `live`: the whole class so far, parts at the edge, and ENDLIST once it has ended. `delta`: the same without the
 * segments that the player knows; `delta-dates`: without the dates either. `replay`: an ended class that was recorded.
 */
export type PlaylistForm = 'live' | 'delta' | 'delta-dates' | 'replay'

/** A player that leaves out dates has a playlist of 12 s ago: nobody begins so many chapters in that time. */
const NEW_CHAPTERS = 8

/** A rendered playlist in two pieces: the first changes rarely and is packed already. */
export type PlaylistBody = { beginning: Packable; rest: string }

/**
 * Written down for good is only what is so many segments older than the skip boundary: durations are rounded, and
 * a segment may come to lie on the other side again.
 */
const SETTLED_SEGMENTS = 4

/** Of an engine that cuts segments of 1 s, at key frames that may be late. */
const PARTLESS_TARGET_SECONDS = 2

/** Renders a media playlist (RFC 8216bis). Every URI in it is relative and the same for all viewers. */
export function renderMediaPlaylist(timeline: Timeline, variant: string, form: PlaylistForm): string {
  const { beginning, rest } = renderMediaPlaylistBody(timeline, variant, form, createPlaylistHistory(variant))
  return beginning.plain.toString() + rest
}

/** The same, with what `history` remembers of earlier calls: the bytes do not depend on it. */
export function renderMediaPlaylistBody(
  timeline: Timeline,
  variant: string,
  form: PlaylistForm,
  history: PlaylistHistory,
): PlaylistBody {
  const edge = findEdge(timeline, variant)
  if (timeline.ended && findRecordedShare(timeline) !== 'all') {
    return form === 'replay' ? renderParts(timeline, variant) : renderLastWindow(timeline, variant, edge)
  }
  const tail = toTail(timeline, variant, edge, SKIP_UNTIL_SECONDS, SETTLED_SEGMENTS)
  history.extend(timeline, tail.firstMsn)
  const firstMsn = form === 'replay' ? 0 : toFirstMsn(edge.nextMsn)
  const head = toHead(timeline, form, firstMsn)
  const chapters = form === 'replay' ? [] : toChapterLines(timeline.chapters)
  const known = form === 'delta-dates' ? Math.max(0, chapters.length - NEW_CHAPTERS) : 0
  const shown = { chapters: chapters.slice(known), isLive: form !== 'replay' }
  const { lines, skipped } = toTailLines(timeline, variant, edge, tail, history.map(), shown)
  const allSkipped = tail.firstMsn + tail.skipped - firstMsn
  if (!form.startsWith('delta') || allSkipped <= 0) {
    const { beginning, rest } = history.read(head, firstMsn)
    return { beginning, rest: rest + toText(lines) }
  }
  const left = tail.segments.slice(0, tail.skipped).flatMap((segment) => toPictureLines(timeline, segment))
  const dates = form === 'delta' ? [...history.dates(firstMsn), ...left] : []
  const delta = [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${allSkipped}`, ...dates, ...lines.slice(skipped)]
  return { beginning: NOTHING, rest: head + toText(delta) }
}

/** Nobody may look at it later: what players at the edge need to come to the end, and no more. */
function renderLastWindow(timeline: Timeline, variant: string, edge: Edge): PlaylistBody {
  const tail = toLastWindow(timeline, variant)
  const { lines } = toTailLines(timeline, variant, edge, tail, '', { chapters: [], isLive: true })
  return { beginning: NOTHING, rest: toHead(timeline, 'live', tail.firstMsn) + toText(lines) }
}

/** What was recorded of a class, where that is not all of it. */
function renderParts(timeline: Timeline, variant: string): PlaylistBody {
  const lines = [...toReplayLines(timeline, variant), '#EXT-X-ENDLIST']
  return { beginning: NOTHING, rest: toHead(timeline, 'replay', 0) + toText(lines) }
}

/** Only a segment's last part is shorter than this (RFC 8216bis, 4.4.4.9); less what times are rounded by. */
const SHORTEST_INNER_PART_SECONDS = 0.85 * PART_TARGET_SECONDS - 0.0005

/** The part that comes next in the run that is on: what EXT-X-PRELOAD-HINT names. */
export function findHint(timeline: Timeline, variant: string) {
  const span = timeline.spans.at(-1)
  if (timeline.ended || timeline.partless || !span || span.end || span.record?.ended) return null
  const { nextMsn, open } = findEdge(timeline, variant)
  const number = nextMsn - span.base
  const last = open?.parts.at(-1)
  // A hint that is wrong is a 404 to those who follow it.
  const isOver = last !== undefined && last.durationSeconds < SHORTEST_INNER_PART_SECONDS
  if (isOver) return { runId: span.runId, number: number + 1, part: 0 }
  return { runId: span.runId, number, part: open?.partCount ?? 0 }
}

/** Whole pieces fall out at the front of a class that is longer than anybody rewinds. */
function toFirstMsn(nextMsn: number): number {
  return Math.max(0, Math.floor((nextMsn - DVR_SEGMENTS) / PIECE_SEGMENTS) * PIECE_SEGMENTS)
}

function toHead(timeline: Timeline, form: PlaylistForm, firstMsn: number): string {
  return toText([
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${timeline.partless ? PARTLESS_TARGET_SECONDS : TARGET_SECONDS}`,
    ...(form === 'replay' ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : timeline.partless ? partlessTags : lowLatencyTags),
    `#EXT-X-MEDIA-SEQUENCE:${firstMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${countBreaksBefore(timeline, firstMsn)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(form === 'replay' ? toChapterLines(toKeptChapters(timeline)) : []),
  ])
}

const control = [
  'CAN-BLOCK-RELOAD=YES',
  `CAN-SKIP-UNTIL=${SKIP_UNTIL_SECONDS.toFixed(1)}`,
  'CAN-SKIP-DATERANGES=YES',
  `PART-HOLD-BACK=${PART_HOLD_BACK_SECONDS}`,
]
const lowLatencyTags = [
  `#EXT-X-SERVER-CONTROL:${control.join(',')}`,
  `#EXT-X-PART-INF:PART-TARGET=${PART_TARGET_SECONDS}`,
]

/** Segments of 1 s, of which the last frame is 2 s old: three target durations is the least (RFC 8216bis, 4.4.3.8). */
const partlessTags = [
  `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${SKIP_UNTIL_SECONDS.toFixed(1)},CAN-SKIP-DATERANGES=YES`,
]

/** `skipped`: how many of the lines belong to segments that a delta update leaves out. */
function toTailLines(
  timeline: Timeline,
  variant: string,
  { open }: Edge,
  tail: Tail,
  mapBefore: string,
  { chapters, isLive }: { chapters: string[]; isLive: boolean },
): { lines: string[]; skipped: number } {
  const lines: string[] = []
  let map = mapBefore
  let skipped = 0
  for (const [index, own] of tail.segments.entries()) {
    const isLast = index === tail.segments.length - 1
    const segment = isLast && !isLive ? toCommonEnd(timeline, variant, own) : own
    if (index === tail.skipped) skipped = lines.length
    const listsParts = isLive && !timeline.partless && (tail.fromEnd[index] ?? 0) <= PARTS_LISTED_SECONDS
    map = pushSegment(lines, variant, segment, map, listsParts, toPictureLines(timeline, segment))
  }
  if (open) pushOpen(lines, timeline, open, map)
  lines.push(...chapters)
  if (timeline.ended) lines.push('#EXT-X-ENDLIST')
  else lines.push(...toHint(timeline, variant), ...toReports(timeline, variant, toListed(timeline)))
  return { lines, skipped }
}

function toHint(timeline: Timeline, variant: string): string[] {
  const hint = findHint(timeline, variant)
  if (!hint) return []
  return [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${toPartName(hint.runId, variant, hint.number, hint.part)}"`]
}

function toText(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
