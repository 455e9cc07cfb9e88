import { PARTS_LISTED_SECONDS } from './limits'
import { toInitName, toPartName, toPlaylistName, toSegmentName } from './names'
import type { PictureRecord } from './run-record'
import {
  type Chapter,
  findEdge,
  findSegment,
  type MediaSegment,
  type Timeline,
  type TimelineSegment,
} from './timeline'

/** Whose parts are still listed, at least; of 2 s each. */
const SEGMENTS_WITH_PARTS = Math.floor(PARTS_LISTED_SECONDS / 2)

/**
 * The lines of one whole segment. `map`: the init segment in force before it; the one after it is returned. `dates`: the
 * pictures that stand with it.
 */
export function pushSegment(
  lines: string[],
  variant: string,
  segment: TimelineSegment,
  map: string,
  listsParts: boolean,
  dates: readonly string[],
): string {
  const own = pushHead(lines, segment, map, dates)
  if (listsParts && segment.kind === 'media') pushParts(lines, segment)
  if (segment.kind === 'gap') lines.push('#EXT-X-GAP')
  lines.push(`#EXTINF:${toSeconds(segment.durationSeconds)},`)
  const owner = segment.kind === 'media' ? segment.init.variant : variant
  lines.push(toSegmentName(segment.runId, owner, segment.number))
  return own
}

/** What the playlist has of the segment that still grows. */
export function pushOpen(lines: string[], timeline: Timeline, segment: MediaSegment, map: string) {
  pushHead(lines, segment, map, toPictureLines(timeline, segment))
  pushParts(lines, segment)
}

function pushHead(lines: string[], segment: TimelineSegment, map: string, dates: readonly string[]): string {
  const own = toMapLine(segment) ?? map
  if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
  if (own !== map) lines.push(own)
  if (segment.pdtMs !== null) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${toDate(segment.pdtMs)}`)
  lines.push(...dates)
  return own
}

function toMapLine(segment: TimelineSegment): string | null {
  if (segment.kind === 'gap') return null
  return `#EXT-X-MAP:URI="${toInitName(segment.runId, segment.init.variant, segment.init.init)}"`
}

function pushParts(lines: string[], segment: MediaSegment) {
  for (const [index, part] of segment.parts.entries()) {
    const independent = part.independent ? ',INDEPENDENT=YES' : ''
    const uri = toPartName(segment.runId, segment.init.variant, segment.number, index)
    lines.push(`#EXT-X-PART:DURATION=${toSeconds(part.durationSeconds)}${independent},URI="${uri}"`)
  }
}

/** They stand with the segment that was newest when the pictures changed: known to all variants, and for ever. */
export function toPictureLines(timeline: Timeline, { runId, number }: TimelineSegment): string[] {
  const span = timeline.spans.find((candidate) => candidate.runId === runId)
  const pictures = span?.record?.pictures
  if (!span || !pictures) return []
  const lines: string[] = []
  for (let index = findFirst(pictures, number); ; index++) {
    const picture = pictures[index]
    if (picture?.segment !== number) return lines
    lines.push(toPictureLine(span.picturesBefore + index, picture, span.pictureStarts[index] ?? picture.at))
  }
}

/**
 * Where the pictures of a segment begin, if it has any. They are in the order of their segments, and every segment of a
 * long class asks: somebody who switches a camera on and off would make thousands of them.
 */
function findFirst(pictures: readonly PictureRecord[], number: number): number {
  let [low, high] = [0, pictures.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((pictures[middle]?.segment ?? 0) < number) low = middle + 1
    else high = middle
  }
  return low
}

export function toPictureLine(index: number, { main, aside }: PictureRecord, startMs: number): string {
  const attributes = [
    `ID="picture-${index}"`,
    'CLASS="amphi.picture"',
    `START-DATE="${toDate(startMs)}"`,
    'END-ON-NEXT=YES',
    ...(main ? [`X-MAIN="${main.personId}:${main.source}"`] : []),
    ...(aside ? [`X-ASIDE="${aside.personId}:${aside.source}"`] : []),
  ]
  return `#EXT-X-DATERANGE:${attributes.join(',')}`
}

/** By the plan's own list: it is there for many parts. */
const chapterLines = new WeakMap<readonly Chapter[], string[]>()

export function toChapterLines(chapters: readonly Chapter[]): string[] {
  const known = chapterLines.get(chapters)
  if (known) return known
  const lines = chapters.map(({ at, title }, index) => {
    // The moment names it, and where two share one, their order: chapters before it may come and go.
    const twins = chapters.slice(0, index).filter((earlier) => earlier.at === at).length
    // A quoted string has no way to hold these three (RFC 8216bis, 4.2).
    const words = title.replace(/[\r\n]+/g, ' ').replaceAll('"', '”')
    const attributes = [
      `ID="chapter-${Math.round(at)}${twins === 0 ? '' : `-${twins}`}"`,
      'CLASS="amphi.chapter"',
      `START-DATE="${toDate(at)}"`,
      'END-ON-NEXT=YES',
      `X-TITLE="${words}"`,
    ]
    return `#EXT-X-DATERANGE:${attributes.join(',')}`
  })
  chapterLines.set(chapters, lines)
  return lines
}

/** How far the others of `listed` are. The second picture is another view: it reports nothing and is not reported. */
export function toReports(timeline: Timeline, variant: string, listed: readonly string[]): string[] {
  if (!listed.includes(variant)) return []
  return listed.flatMap((other) => {
    const edge = findEdge(timeline, other)
    const last = edge.open ?? findNewest(timeline, other, edge.nextMsn - 1)
    if (other === variant || !last) return []
    const lastPart = last.kind === 'media' && !timeline.partless ? `,LAST-PART=${last.partCount - 1}` : ''
    return [`#EXT-X-RENDITION-REPORT:URI="${toPlaylistName(other)}",LAST-MSN=${last.msn}${lastPart}`]
  })
}

/** A gap has no part, and it is the last part that is reported, where there still is one (RFC 8216bis, 4.4.5.4). */
function findNewest(timeline: Timeline, variant: string, lastMsn: number): TimelineSegment | null {
  const last = findSegment(timeline, variant, lastMsn)
  let segment = last
  while (segment?.kind === 'gap' && segment.msn > lastMsn - SEGMENTS_WITH_PARTS) {
    segment = findSegment(timeline, variant, segment.msn - 1)
  }
  return segment?.kind === 'media' ? segment : last
}

export function toSeconds(seconds: number): string {
  return seconds.toFixed(5)
}

function toDate(ms: number): string {
  return new Date(Math.round(ms)).toISOString()
}
