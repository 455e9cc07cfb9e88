/**
 * With "Auto", a link too weak for the lowest picture carries the sound alone, and the picture comes back when the
 * link was measured to be good enough.
 */
export type Strain = {
  /** When the picture stood still for want of data, by when it began; steady clock, ms. */
  standing: readonly { from: number; to: number }[]
}
export const noStrain: Strain = { standing: [] }

type Look = { at: number; standing: boolean }
type Link = {
  /** At this moment: why is not known before it is over. */
  standing: boolean
  /** The lowest rendition there is is playing. */
  lowest: boolean
  lowestBitsPerSecond: number
  measuredBitsPerSecond: number | null
  /** By the last few answers alone, of any rendition. */
  recentBitsPerSecond: number | null
}

/** How far back stalls count. */
const WINDOW_MS = 20_000
/** On a link measured as too slow, so much standing is enough. */
const SLOW_STANDING_MS = 1_500
/** A link that looks good enough but is not: so many stalls. An outage is one stall, however long. */
const MOST_STALLS = 4
/** A picture needs so much more than its own bits: playlists, headers, repeats. */
const OVERHEAD = 1.15
/** Back to the picture only with room to spare, or it would fall again at once. */
const ROOM = 1.6

export function evolveStrain(strain: Strain, { at, standing }: Look): Strain {
  const recent = strain.standing.filter(({ to }) => at - to < WINDOW_MS)
  if (!standing) return { standing: recent }
  const last = recent.at(-1)
  // Two looks in a row are one stall.
  if (last && at - last.to < 1_000) return { standing: [...recent.slice(0, -1), { from: last.from, to: at }] }
  return { standing: [...recent, { from: at, to: at }] }
}

/** From the position of a stall to what came after it; more is a hole in the broadcast itself. */
const AFTER_STALL_SECONDS = 0.5
const LEAST_HOLE_MS = 250

/** Whether time is missing where the picture stood: the broadcast was started anew there, for everybody. */
export function isAtHole(dateAt: (position: number) => number | null, position: number): boolean {
  const [before, after] = [dateAt(position), dateAt(position + AFTER_STALL_SECONDS)]
  if (before === null || after === null) return false
  return after - before - AFTER_STALL_SECONDS * 1_000 > LEAST_HOLE_MS
}

export function isTooWeak(strain: Strain, link: Link): boolean {
  if (link.lowest && !link.standing && strain.standing.length >= MOST_STALLS) return true
  const stoodMs = strain.standing.reduce((sum, { from, to }) => sum + to - from, 0)
  // Where a higher one plays, what comes just now may be a moment's: only several answers say that no lower one helps.
  const bitsPerSecond = link.lowest ? link.measuredBitsPerSecond : link.recentBitsPerSecond
  const slow = bitsPerSecond !== null && bitsPerSecond < link.lowestBitsPerSecond * OVERHEAD
  return slow && stoodMs >= SLOW_STANDING_MS
}

export function carriesPicture(measuredBitsPerSecond: number, lowestBitsPerSecond: number): boolean {
  return measuredBitsPerSecond >= lowestBitsPerSecond * ROOM
}

/** The sound came so many times as fast as the picture needs: its few bytes measure badly. */
const WELL = 4

/** Whether the link seems to be a good one again, by how the sound comes. */
export function isWell(
  measuredBitsPerSecond: number | null,
  lowestBitsPerSecond: number | undefined,
): boolean {
  if (measuredBitsPerSecond === null || lowestBitsPerSecond === undefined) return false
  return measuredBitsPerSecond >= lowestBitsPerSecond * WELL
}

/** First after a while of quiet sound; every vain return makes the next try later. */
export function tryPictureAfterMs(returns: number): number {
  return Math.min(20_000 * 2 ** returns, 160_000)
}
