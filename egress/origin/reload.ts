import { ADVANCE_PARTS } from './limits'
import { findEdge, findSegment, type Timeline } from './timeline'

/**
 * The delivery directives of a playlist request (RFC 8216bis, 6.2.5). `skip`: leave out segments that the player
 * knows, and with `v2` the dates that it knows too.
 */
export type Reload = { skip: 'no' | 'segments' | 'dates'; until: { msn: number; part: number | null } | null }

const NUMBER = /^\d{1,9}$/

/** Reads the query of a playlist request; null if its directives are not legal. Other parameters are ignored. */
export function parseReload(query: string): Reload | null {
  if (query === '') return { skip: 'no', until: null }
  const params = new URLSearchParams(query)
  const [msn, part, skip] = ['_HLS_msn', '_HLS_part', '_HLS_skip'].map((name) => params.getAll(name))
  if (!msn || !part || !skip || msn.length > 1 || part.length > 1 || skip.length > 1) return null
  const skips = toSkip(skip[0])
  if (skips === null) return null
  if (msn[0] === undefined) return part[0] === undefined ? { skip: skips, until: null } : null
  if (!NUMBER.test(msn[0]) || (part[0] !== undefined && !NUMBER.test(part[0]))) return null
  const until = { msn: Number(msn[0]), part: part[0] === undefined ? null : Number(part[0]) }
  return { skip: skips, until }
}

function toSkip(value: string | undefined): Reload['skip'] | null {
  if (value === undefined) return 'no'
  if (value === 'YES') return 'segments'
  return value === 'v2' ? 'dates' : null
}

/** Whether the playlist holds what a blocked reload waits for. Once ended, nothing is worth waiting for. */
export function isReached(timeline: Timeline, variant: string, until: NonNullable<Reload['until']>): boolean {
  if (timeline.ended) return true
  const { nextMsn, open } = findEdge(timeline, variant)
  const openParts = open?.parts.length ?? 0
  if (until.msn === nextMsn) return until.part !== null && until.part < openParts
  if (until.msn > nextMsn) return false
  if (until.part === null || until.msn < nextMsn - 1 || openParts > 0) return true
  // A part beyond the last of its segment means the first of the next one.
  const segment = findSegment(timeline, variant, until.msn)
  return segment?.kind === 'media' && until.part < segment.partCount
}

/** So far ahead that no player of this playlist would ask for it: refused rather than held. */
export function isTooFar(timeline: Timeline, variant: string, until: NonNullable<Reload['until']>): boolean {
  if (timeline.ended) return false
  const { nextMsn, open } = findEdge(timeline, variant)
  if (until.msn > nextMsn + 1) return true
  if (until.msn < nextMsn || until.part === null) return false
  const lastPart = until.msn === nextMsn ? (open?.parts.length ?? 0) - 1 : -1
  return until.part > lastPart + ADVANCE_PARTS
}
