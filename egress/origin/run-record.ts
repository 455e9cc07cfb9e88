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
  parts: PartRecord[]
  /** From the segment's own line; null while it grows, and for ever if its run died. */
  closedSeconds: number | null
}

export type VariantRecord = {
  inits: Map<number, InitLine>
  segments: Map<number, SegmentRecord>
  last: SegmentRecord | null
  latestInit: InitLine | null
  bytes: number
  seconds: number
  peakBitsPerSecond: number
}

/** What all variants share about segment n: boundaries are common. */
export type Boundary = {
  discontinuity: boolean
  pdtMs: number
  /** Discontinuities at segments 1 to n of this run; at segment 0 the timeline decides. */
  breaksThrough: number
}

/** What a run's journal says, read line by line. Memory grows with the run: about 80 bytes a part. */
export type RunRecord = {
  runId: string
  started: boolean
  variants: Map<string, VariantRecord>
  boundaries: Boundary[]
  /** Segments that at least one variant has closed. */
  closedSegments: number
  ended: boolean
}

/**
 * A variant this many closed segments behind another is given up for those it lacks; they become gaps. Two: a
 * write that is merely late is never that late. A gap once listed stays a gap, in every origin, because the
 * order of the journal's lines decides it.
 */
export const GIVE_UP_SEGMENTS = 2

/** Shorter segments (a run's last) say nothing about the bit rate: one key frame and little else. */
const SHORTEST_MEASURED_SECONDS = 1

export function createRunRecord(runId: string): RunRecord {
  return { runId, started: false, variants: new Map(), boundaries: [], closedSegments: 0, ended: false }
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
      return null
    }
    case 'part':
      return recordPart(run, line)
    case 'segment': {
      if (line.segment < givenUpBelow(run)) return null
      const variant = requireVariant(run, line.variant)
      const segment = variant.last
      if (segment?.number !== line.segment || segment.closedSeconds !== null) return 'segment out of order'
      if (sumSizes(segment.parts) !== line.size) return 'segment and its parts differ in size'
      segment.closedSeconds = line.duration
      run.closedSegments = Math.max(run.closedSegments, line.segment + 1)
      measure(variant, segment, line.duration)
      return null
    }
    case 'end':
      run.ended = true
      return null
  }
}

function recordPart(run: RunRecord, line: PartLine): string | null {
  if (line.segment < givenUpBelow(run)) return null
  const variant = requireVariant(run, line.variant)
  const segment = line.part === 0 ? startSegment(run, variant, line) : variant.last
  if (typeof segment === 'string') return segment
  if (segment?.number !== line.segment || segment.closedSeconds !== null) return 'part out of order'
  if (segment.parts.length !== line.part || segment.file !== line.file) return 'part out of order'
  if (sumSizes(segment.parts) !== line.offset) return 'part does not follow the one before'
  const { offset, size, duration, independent, pdt } = line
  segment.parts.push({ offset, size, durationSeconds: duration, independent, pdtMs: pdt })
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
  const segment = {
    number: line.segment,
    file: line.file,
    init,
    pdtMs: line.pdt,
    parts: [],
    closedSeconds: null,
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
    bytes: 0,
    seconds: 0,
    peakBitsPerSecond: 0,
  }
  run.variants.set(name, made)
  return made
}

function measure(variant: VariantRecord, segment: SegmentRecord, seconds: number) {
  const bytes = sumSizes(segment.parts)
  variant.bytes += bytes
  variant.seconds += seconds
  if (seconds < SHORTEST_MEASURED_SECONDS) return
  variant.peakBitsPerSecond = Math.max(variant.peakBitsPerSecond, (bytes * 8) / seconds)
}

export function sumSizes(parts: readonly PartRecord[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0)
}

export function sumSeconds(parts: readonly PartRecord[]): number {
  return parts.reduce((sum, part) => sum + part.durationSeconds, 0)
}
