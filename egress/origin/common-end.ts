import { isKept } from './kept'
import { TARGET_SECONDS } from './limits'
import { toSeconds } from './playlist-lines'
import { findEdge, findSegment, type Timeline, type TimelineSegment } from './timeline'
import { toListed } from './variants'

/** Durations are written with five decimals. */
const UNITS = 100_000
/** Each death of a worker may leave one rendition a part longer than another; what lacks more than a few is shorter. */
const MOST_SECONDS = 1
/** Rounded, it is the target duration. */
const LONGEST_SECONDS = TARGET_SECONDS + 0.49

/**
 * The last segment of a replay, which ends in every rendition where it does in the longest: frames have the times of
 * their own layers, so that renditions are fractions of a millisecond apart, and after a death a part. Shaka Player takes
 * the length of a class from the rendition that it begins with, and waits for ever for the end of a shorter one.
 */
export function toCommonEnd(timeline: Timeline, variant: string, last: TimelineSegment): TimelineSegment {
  const lengths = toLengths(timeline)
  const own = lengths.get(variant)
  if (own === undefined) return last
  const near = [...lengths.values()].filter((units) => units - own < MOST_SECONDS * UNITS)
  const seconds = (toUnits(last) + Math.max(...near) - own) / UNITS
  return { ...last, durationSeconds: Math.max(last.durationSeconds, Math.min(seconds, LONGEST_SECONDS)) }
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
    if (segment && isKept(timeline, segment)) units += toUnits(segment)
  }
  return units
}

/** As it is written, half a unit up or down as `toSeconds` has it: a player that counts to the microsecond sees one. */
const toUnits = ({ durationSeconds }: TimelineSegment) =>
  Math.round(Number(toSeconds(durationSeconds)) * UNITS)

/** By timeline: each takes a look at every segment of every rendition. */
const lengthsOf = new WeakMap<Timeline, Map<string, number>>()
