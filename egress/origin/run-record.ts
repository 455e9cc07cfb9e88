import type { Picture } from '../run-health'
import type { InitLine, JournalLine, PartLine } from './journal'

/** A byte range of its segment's file. `pdtMs` is server time of its first sample. */
export type PartRecord = {
  offset: number
  size: number
  durationSeconds: number
  independent: boolean
  pdtMs: number
}

export type SegmentRecord = {
  number: number
  file: string
  init: number
  pdtMs: number
  /** Of a segment that is long past only their number is left. */
  parts: PartRecord[]
  partCount: number
  bytes: number
  /** From the segment's own line; null while it grows, and for ever if its run died. */
  closedSeconds: number | null
  /** Of the variant's whole segments up to this one; null while it grows. */
  through: Rates | null
}

/** What bit rates are made of. */
type Rates = { bytes: number; seconds: number; peakBitsPerSecond: number }

export type VariantRecord = {
  inits: Map<number, InitLine>
  segments: Map<number, SegmentRecord>
  last: SegmentRecord | null
  latestInit: InitLine | null
  rates: Rates
}

/** What all variants share about segment n: boundaries are common. */
type Boundary = {
  discontinuity: boolean
  pdtMs: number
  /** Discontinuities at segments 1 to n of this run; at segment 0 the timeline decides. */
  breaksThrough: number
}

/** `segment`: the newest that had begun when the line was written. */
export type PictureRecord = Picture & { segment: number }

/** What a run's journal says, read line by line. Memory grows with the run: about 400 bytes a segment and variant. */
export type RunRecord = {
  runId: string
  started: boolean
  variants: Map<string, VariantRecord>
  boundaries: Boundary[]
  /** Segments that at least one variant has closed. */
  closedSegments: number
  pictures: PictureRecord[]
  /** Lines so far that change what the multivariant playlist says. */
  shapeVersion: number
  /** Files that were looked for and are not there, or not whole. */
  missing: Set<string>
  /** The plan cuts the run off here: what its journal says beyond is not recorded. */
  segmentLimit: number
  ended: boolean
}

/**
 * A variant this many closed segments behind another is given up for those it lacks; they become gaps. Two: a
 * write that is merely late is never that late. A gap once listed stays a gap, in every origin, because the
 * order of the journal's lines decides it.
 */
const GIVE_UP_SEGMENTS = 2

/**
 * Parts are remembered of so many segments: a minute. Listed are those of the last 12 s; players ask for one a
 * little later than that, and a run is frozen within seconds of its death.
 */
export const SEGMENTS_WITH_PARTS = 32

/** Shorter segments (a run's last) say nothing about the bit rate: one key frame and little else. */
const SHORTEST_MEASURED_SECONDS = 1

export function createRunRecord(runId: string): RunRecord {
  return {
    runId,
    started: false,
    variants: new Map(),
    boundaries: [],
    closedSegments: 0,
    pictures: [],
    shapeVersion: 0,
    missing: new Set(),
    segmentLimit: Number.POSITIVE_INFINITY,
    ended: false,
  }
}

/** Segments below this number that a variant lacks are gaps. */
export function givenUpBelow(run: RunRecord): number {
  return Math.max(0, run.closedSegments - GIVE_UP_SEGMENTS)
}

/**
 * Adds the next line to the record, in place. Returns what is wrong with it, or null. After a wrong line the
 * journal must not be read further: what follows would be listed with a hole before it.
 */
export function recordLine(run: RunRecord, line: JournalLine): string | null {
  if (line.t === 'run') {
    if (run.started || line.runId !== run.runId) return 'journal of another run'
    run.started = true
    return null
  }
  if (!run.started) return 'no run line'
  if (run.ended) return 'line after the end'
  switch (line.t) {
    case 'init': {
      const variant = requireVariant(run, line.variant)
      if (variant.inits.has(line.init)) return 'init written twice'
      variant.inits.set(line.init, line)
      variant.latestInit = line
      run.shapeVersion += 1
      return null
    }
    case 'part':
      return recordPart(run, line)
    case 'picture': {
      const { at, main, aside } = line
      // Before the first part only the newest counts: of a standby, nothing of what it showed to nobody.
      if (run.boundaries.length === 0) run.pictures = []
      run.pictures.push({ at, main, aside, segment: Math.max(0, run.boundaries.length - 1) })
      return null
    }
    case 'segment': {
      if (line.segment < givenUpBelow(run) || line.segment >= run.segmentLimit) return null
      const variant = requireVariant(run, line.variant)
      const segment = variant.last
      if (segment?.number !== line.segment || segment.closedSeconds !== null) return 'segment out of order'
      if (segment.bytes !== line.size) return 'segment and its parts differ in size'
      segment.closedSeconds = line.duration
      run.shapeVersion += 1
      run.closedSegments = Math.max(run.closedSegments, line.segment + 1)
      measure(variant, segment, line.duration)
      forgetParts(run, variant, line.segment - SEGMENTS_WITH_PARTS)
      return null
    }
    case 'end':
      run.ended = true
      return null
  }
}

function recordPart(run: RunRecord, line: PartLine): string | null {
  if (line.segment < givenUpBelow(run) || line.segment >= run.segmentLimit) return null
  const variant = requireVariant(run, line.variant)
  const segment = line.part === 0 ? startSegment(run, variant, line) : variant.last
  if (typeof segment === 'string') return segment
  if (segment?.number !== line.segment || segment.closedSeconds !== null) return 'part out of order'
  if (segment.partCount !== line.part || segment.file !== line.file) return 'part out of order'
  if (segment.bytes !== line.offset) return 'part does not follow the one before'
  const { offset, size, duration, independent, pdt } = line
  segment.parts.push({ offset, size, durationSeconds: duration, independent, pdtMs: pdt })
  segment.partCount += 1
  segment.bytes += size
  return null
}

function startSegment(run: RunRecord, variant: VariantRecord, line: PartLine): SegmentRecord | string {
  const { last } = variant
  if (last && last.number >= line.segment) return 'segment out of order'
  if (last && last.closedSeconds === null && last.number >= givenUpBelow(run)) return 'segment left open'
  if (line.segment > run.boundaries.length) return 'segment missing'
  const init = line.init ?? variant.latestInit?.init
  if (init === undefined || !variant.inits.has(init)) return 'part without init'
  if (line.segment === run.boundaries.length) {
    const discontinuity = line.discontinuity ?? false
    const before = run.boundaries[line.segment - 1]?.breaksThrough ?? 0
    const breaksThrough = before + (discontinuity && line.segment > 0 ? 1 : 0)
    run.boundaries.push({ discontinuity, pdtMs: line.pdt, breaksThrough })
  }
  const segment: SegmentRecord = {
    number: line.segment,
    file: line.file,
    init,
    pdtMs: line.pdt,
    parts: [],
    partCount: 0,
    bytes: 0,
    closedSeconds: null,
    through: null,
  }
  variant.segments.set(line.segment, segment)
  variant.last = segment
  return segment
}

function requireVariant(run: RunRecord, name: string): VariantRecord {
  const found = run.variants.get(name)
  if (found) return found
  const made: VariantRecord = {
    inits: new Map(),
    segments: new Map(),
    last: null,
    latestInit: null,
    rates: { bytes: 0, seconds: 0, peakBitsPerSecond: 0 },
  }
  run.variants.set(name, made)
  return made
}

function measure(variant: VariantRecord, { bytes, number }: SegmentRecord, seconds: number) {
  const { rates } = variant
  const peak = seconds < SHORTEST_MEASURED_SECONDS ? 0 : (bytes * 8) / seconds
  variant.rates = {
    bytes: rates.bytes + bytes,
    seconds: rates.seconds + seconds,
    peakBitsPerSecond: Math.max(rates.peakBitsPerSecond, peak),
  }
  const segment = variant.segments.get(number)
  if (segment) segment.through = variant.rates
}

/** Not those of the last segment that the plan lets stand: it is listed as long as its parts say. */
function forgetParts(run: RunRecord, variant: VariantRecord, number: number) {
  const segment = variant.segments.get(number)
  if (segment && segment.closedSeconds !== null && number !== run.segmentLimit - 1) segment.parts = []
}

export function sumSeconds(parts: readonly PartRecord[]): number {
  return parts.reduce((sum, part) => sum + part.durationSeconds, 0)
}
