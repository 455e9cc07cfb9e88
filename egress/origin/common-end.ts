import { isKept } from './kept'
import { findEdge, findSegment, type Timeline, type TimelineSegment } from './timeline'
import { toListed } from './variants'

/** Durations are written with five decimals. */
const UNITS = 100_000
/** Renditions whose frames do not fall on the same moments end less than one of 30 a second apart: more is true. */
const FRAME_SECONDS = 1 / 30

/**
 * The last segment of a replay, which ends in one rendition where it does in the longest: each frame has the time of its
 * own layer, so that renditions are fractions of a millisecond apart. Shaka Player takes the length of the class from
 * the rendition that it begins with, and waits for ever for the end of a shorter one.
 */
export function toCommonEnd(timeline: Timeline, variant: string, last: TimelineSegment): TimelineSegment {
  const lengths = toLengths(timeline)
  const own = lengths.get(variant)
  if (own === undefined) return last
  const near = [...lengths.values()].filter((units) => units - own < FRAME_SECONDS * UNITS)
  return { ...last, durationSeconds: last.durationSeconds + (Math.max(...near) - own) / UNITS }
}

/** How long the replay is in each listed rendition that has pictures, as players add it up. */
function toLengths(timeline: Timeline): Map<string, number> {
  const known = lengthsOf.get(timeline)
  if (known) return known
  const withPictures = toListed(timeline).filter((variant) =>
    timeline.spans.some(({ record }) => record?.variants.get(variant)?.latestInit?.width !== undefined),
  )
  const lengths = new Map(withPictures.map((variant) => [variant, addUp(timeline, variant)]))
  lengthsOf.set(timeline, lengths)
  return lengths
}

function addUp(timeline: Timeline, variant: string): number {
  const { nextMsn } = findEdge(timeline, variant)
  let units = 0
  for (let msn = 0; msn < nextMsn; msn++) {
    const segment = findSegment(timeline, variant, msn)
    if (segment && isKept(timeline, segment)) units += Math.round(segment.durationSeconds * UNITS)
  }
  return units
}

/** By timeline: each takes a look at every segment of every rendition. */
const lengthsOf = new WeakMap<Timeline, Map<string, number>>()
