import type { SegmentRecord, VariantRecord } from './run-record'
import { findEdge, type Span, type Timeline } from './timeline'

/** The second picture has a playlist of its own: `aside.m3u8` is another view, not a rendition of this one. */
export const ASIDE = 'aside'

/** A replay lists a variant that lacks no more than this share of the class; the rest are for people who were there. */
const MOST_LACKING = 0.1

/** The variants a player may choose from: those of the newest run that has any, or of most of an ended class. */
export function toListed(timeline: Timeline): string[] {
  const candidates = timeline.variants.filter((variant) => variant !== ASIDE)
  if (timeline.ended) {
    const counts = candidates.map((variant) => countSegments(timeline, variant))
    const most = Math.max(0, ...counts)
    return candidates.filter((_, index) => (counts[index] ?? 0) >= most * (1 - MOST_LACKING))
  }
  const newest = timeline.spans.findLast(({ record }) => record && record.closedSegments > 0)
  return candidates.filter((variant) => newest?.record?.variants.get(variant)?.last)
}

/**
 * Of those that have been the same so far, the first: the rungs before a picture comes, or of a camera with one layer. A
 * player would take the others for copies to fall back on (RFC 8216bis, 4.4.6.2), and offer a choice that is none.
 */
export function toDistinct(timeline: Timeline, variants: readonly string[]): string[] {
  return variants.filter(
    (variant, index) => !variants.slice(0, index).some((earlier) => areAlike(timeline, earlier, variant)),
  )
}

/** The same pictures, cut and counted a few bytes apart. */
const SAME_RATE = 0.05

/** As far as both have come. */
function areAlike({ spans }: Timeline, one: string, other: string): boolean {
  return spans.every((span) => {
    const records = [one, other].map((name) => span.record?.variants.get(name))
    const [a, b] = records.map((record) => record && findNewestWhole(span, record))
    if (!a || !b) return a === b
    const number = Math.min(a.number, b.number)
    const [first, second] = records.map((record) => {
      const segment = record?.segments.get(number)
      const { codecs, width, height, frameRate } = record?.inits.get(segment?.init ?? 0) ?? {}
      const { bytes = 0, seconds = 0 } = segment?.through ?? {}
      return { format: JSON.stringify([codecs, width, height, frameRate]), rate: seconds && bytes / seconds }
    })
    if (!first || !second || first.format !== second.format) return false
    return Math.abs(first.rate - second.rate) <= SAME_RATE * Math.max(first.rate, second.rate)
  })
}

/**
 * Whether there is something to play: every variant that the worker announced has a whole segment. Before that
 * a player would find an empty playlist, or keep a list of variants from which one is missing.
 */
export function isStarted(timeline: Timeline): boolean {
  const first = timeline.spans[0]
  const announced = timeline.variants.filter((variant) => variant !== ASIDE)
  if (!first || announced.length === 0) return false
  return announced.every((variant) => findEdge(timeline, variant).nextMsn > first.base)
}

function countSegments({ spans }: Timeline, variant: string): number {
  return spans.reduce((sum, span) => sum + (span.record?.variants.get(variant)?.segments.size ?? 0), 0)
}

/** The newest whole segment of a variant that the plan lets stand: what bit rates are read from. */
export function findNewestWhole({ end }: Span, record: VariantRecord): SegmentRecord | null {
  if (!end) return newestWhole(record, record.last?.number ?? -1, Number.POSITIVE_INFINITY)
  const last = record.segments.get(end.segments - 1)
  const isCut = !last || end.lastParts < last.partCount
  return newestWhole(record, end.segments - (isCut ? 2 : 1), end.segments)
}

function newestWhole(record: VariantRecord, from: number, limit: number): SegmentRecord | null {
  for (let number = from; number >= 0; number--) {
    const segment = record.segments.get(number)
    if (segment?.through && number < limit) return segment
  }
  return null
}
