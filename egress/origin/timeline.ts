import type { BroadcastPlan, PlannedRun } from '../plan'
import { NOMINAL_SEGMENT_MS } from '../recorded'
import type { InitLine } from './journal'
import { givenUpBelow, type PartRecord, type RunRecord, sumSeconds } from './run-record'

/** Part of the timeline in one run; `breaksBefore` counts the discontinuities of all runs before it, `picturesBefore` their changes of pictures. */
export type Span = {
  runId: string
  base: number
  record: RunRecord | undefined
  end: PlannedRun['end']
  startsWithBreak: boolean
  breaksBefore: number
  picturesBefore: number
  /** When each of its pictures begins to count: never before those of the runs before it (RFC 8216bis, 4.4.5.1). */
  pictureStarts: number[]
}

/**
 * The broadcast of a class from its plan and what its journals say: deterministic, so origins agree. It holds
 * references, not copies: cheap to make at every part, and only good until the next line is recorded.
 */
export type Timeline = {
  ended: boolean
  recorded: boolean
  spans: Span[]
  variants: string[]
  chapters: readonly Chapter[]
  /** The times that are kept of it; absent: all. */
  recording?: BroadcastPlan['recording']
  /** From this server time on what was not recorded of an ended class is gone, ms. */
  trimAt?: number
  /** Its parts are whole segments. */
  partless?: boolean
}
export type Chapter = NonNullable<BroadcastPlan['chapters']>[number]

export type MediaSegment = {
  kind: 'media'
  msn: number
  runId: string
  number: number
  file: string
  /** Says whose it is: not always of the variant that lists it. */
  init: InitLine
  /** Those that are remembered: of the newest segments, all. */
  parts: readonly PartRecord[]
  partCount: number
  bytes: number
  durationSeconds: number
  pdtMs: number
  discontinuity: boolean
}
/** A segment that this variant lacks and another has (RFC 8216bis, 4.4.4.7). */
type GapSegment = {
  kind: 'gap'
  msn: number
  runId: string
  number: number
  durationSeconds: number
  pdtMs: number | null
  discontinuity: boolean
}
export type TimelineSegment = MediaSegment | GapSegment

/** How far a variant has come: segments below `nextMsn` are whole, `open` is the one that grows. */
export type Edge = { nextMsn: number; open: MediaSegment | null }

export function toTimeline(
  plan: BroadcastPlan,
  journals: ReadonlyMap<string, RunRecord>,
  partless?: boolean,
): Timeline {
  const spans: Span[] = []
  const variants = new Set<string>()
  let breaks = 0
  let pictures = 0
  let lastPictureMs = 0
  let hasSegments = false
  for (const { runId, base, end } of plan.runs) {
    const record = journals.get(runId)
    const firstMs = hasSegments ? (record?.boundaries[0]?.pdtMs ?? 0) : 0
    const pictureStarts = toPictureStarts(record, firstMs, lastPictureMs)
    const span: Span = {
      runId,
      base,
      record,
      end,
      startsWithBreak: hasSegments,
      breaksBefore: breaks,
      picturesBefore: pictures,
      pictureStarts,
    }
    spans.push(span)
    for (const name of record?.variants.keys() ?? []) variants.add(name)
    if (end && end.segments > 0) {
      breaks += breaksThrough(span, end.segments - 1)
      const shown = record?.pictures.filter(({ segment }) => segment < end.segments).length ?? 0
      pictures += shown
      lastPictureMs = pictureStarts[shown - 1] ?? lastPictureMs
      hasSegments = true
    }
  }
  const { ended, recorded, recording, trimAt, chapters = [] } = plan
  return { ended, recorded, spans, variants: [...variants], chapters, recording, trimAt, partless }
}

/** A standby that takes over has had its pictures for long, and from its clock: they begin with its first segment. */
function toPictureStarts(record: RunRecord | undefined, firstMs: number, afterMs: number): number[] {
  let last = afterMs
  return (record?.pictures ?? []).map(({ at }) => {
    last = Math.max(at, firstMs, last + 1)
    return last
  })
}

export function findEdge(timeline: Timeline, variant: string): Edge {
  const span = timeline.spans.at(-1)
  if (!span) return { nextMsn: 0, open: null }
  if (span.end) return { nextMsn: span.base + span.end.segments, open: null }
  const last = span.record?.variants.get(variant)?.last
  const own = last ? last.number + (last.closedSeconds === null ? 0 : 1) : 0
  const closed = Math.max(span.record ? givenUpBelow(span.record) : 0, own)
  const isOpen = last && last.closedSeconds === null && last.number === closed
  const open = isOpen ? findMedia(span, variant, closed) : null
  return { nextMsn: span.base + closed, open }
}

/** The segment with this media sequence number, if it is whole; gaps included. */
export function findSegment(timeline: Timeline, variant: string, msn: number): TimelineSegment | null {
  if (msn >= findEdge(timeline, variant).nextMsn) return null
  const span = timeline.spans.findLast(({ base, end }) => base <= msn && end?.segments !== 0)
  if (!span) return null
  const number = msn - span.base
  return (
    findMedia(span, variant, number) ??
    findSubstitute(span, variant, number) ?? {
      kind: 'gap',
      msn,
      runId: span.runId,
      number,
      durationSeconds: findSeconds(span, variant, number),
      pdtMs: span.record?.boundaries[number]?.pdtMs ?? null,
      discontinuity: isBreak(span, number),
    }
  )
}

/** EXT-X-DISCONTINUITY-SEQUENCE of a playlist that starts at `msn`: the breaks at all segments before it. */
export function countBreaksBefore(timeline: Timeline, msn: number): number {
  const span = timeline.spans.findLast(({ base, end }) => base <= msn && end?.segments !== 0)
  if (!span) return 0
  const number = msn - span.base
  return span.breaksBefore + (number === 0 ? 0 : breaksThrough(span, number - 1))
}

/** The segment `number` of a run as far as it may be listed: whole, cut off at the run's end, or still open. */
export function findMedia(span: Span, variant: string, number: number): MediaSegment | null {
  const record = span.record?.variants.get(variant)
  const segment = record?.segments.get(number)
  const init = segment && record?.inits.get(segment.init)
  if (!segment || !init || (span.end && number >= span.end.segments)) return null
  if (span.record?.missing.has(segment.file)) return null
  const isCut = span.end?.segments === number + 1 && span.end.lastParts < segment.partCount
  const parts = isCut ? segment.parts.slice(0, span.end?.lastParts) : segment.parts
  const partCount = isCut ? parts.length : segment.partCount
  if (partCount === 0) return null
  const isWhole = segment.closedSeconds !== null && !isCut
  return {
    kind: 'media',
    msn: span.base + number,
    runId: span.runId,
    number,
    file: segment.file,
    init,
    parts,
    partCount,
    bytes: isCut ? sumSizes(parts) : segment.bytes,
    durationSeconds: isWhole ? (segment.closedSeconds ?? 0) : sumSeconds(parts),
    pdtMs: segment.pdtMs,
    discontinuity: isBreak(span, number),
  }
}

/**
 * What a run that died had begun in one rendition and not yet in this one: the other's, of the same boundaries and
 * clock. Players that know no EXT-X-GAP (ffmpeg, GStreamer) would stumble, or stop, at every death. What was listed as
 * a gap while the run was on stays one.
 */
function findSubstitute(span: Span, variant: string, number: number): MediaSegment | null {
  const { record, end } = span
  if (!record || !end || number < givenUpBelow(record)) return null
  const tracks = toTracks(record, variant)
  if (tracks === null) return null
  const others = [...record.variants.keys()].filter((name) => toTracks(record, name) === tracks)
  const found = others.flatMap((name) => findMedia(span, name, number) ?? [])
  return found.toSorted((a, b) => a.bytes - b.bytes)[0] ?? null
}

/** The formats of what a variant holds, or null before its first init segment. */
function toTracks({ variants }: RunRecord, variant: string): string | null {
  const codecs = variants.get(variant)?.latestInit?.codecs.split(',')
  return codecs?.map((codec) => codec.split('.', 1)[0]).join() ?? null
}

function sumSizes(parts: readonly PartRecord[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0)
}

/** Its own if it was written and then lost, else that of any variant that has it. */
function findSeconds(span: Span, variant: string, number: number): number {
  const lost = span.record?.variants.get(variant)?.segments.get(number)?.closedSeconds
  if (lost) return lost
  for (const name of span.record?.variants.keys() ?? []) {
    const media = findMedia(span, name, number)
    if (media) return media.durationSeconds
  }
  // Of this gap nothing is left but its number.
  return NOMINAL_SEGMENT_MS / 1000
}

function isBreak(span: Span, number: number): boolean {
  if (number === 0) return span.startsWithBreak
  return span.record?.boundaries[number]?.discontinuity ?? false
}

function breaksThrough(span: Span, number: number): number {
  const boundaries = span.record?.boundaries ?? []
  const boundary = boundaries[number] ?? boundaries.at(-1)
  return (span.startsWithBreak ? 1 : 0) + (boundary?.breaksThrough ?? 0)
}
