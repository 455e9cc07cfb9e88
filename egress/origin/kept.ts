import { isRecorded, NOMINAL_SEGMENT_MS } from '../recorded'
import { toLastWindow } from './tail'
import type { Chapter, Timeline, TimelineSegment } from './timeline'

/** What a token opens: the broadcast of a class and its replay, or nothing but the replay. */
export type Opens = 'broadcast' | 'replay'

type Place = Pick<TimelineSegment, 'runId' | 'number'>

/** Server times between which a segment was on, ms: the same for all variants. Null: no journal says. */
export function findTimes(
  { spans }: Timeline,
  { runId, number }: Place,
): { from: number; to: number } | null {
  const boundaries = spans.find((span) => span.runId === runId)?.record?.boundaries
  const from = boundaries?.[number]?.pdtMs
  if (from === undefined) return null
  return { from, to: boundaries?.[number + 1]?.pdtMs ?? from + NOMINAL_SEGMENT_MS }
}

/** Whether a segment is part of the recording: the same for all variants. */
export function isKept(timeline: Timeline, place: Place): boolean {
  if (!timeline.recorded) return false
  if (!timeline.recording) return true
  const times = findTimes(timeline, place)
  return times !== null && isRecorded(timeline.recording, times.from, times.to - times.from)
}

/** Chapters that began while the class was recorded: a replay tells of no others. */
export function toKeptChapters({ recording, chapters }: Timeline): readonly Chapter[] {
  if (!recording) return chapters
  return chapters.filter(({ at }) => isRecorded(recording, at, 0))
}

/** How much of an ended class was recorded. Of one that is on nobody knows yet. */
export function findRecordedShare(timeline: Timeline): 'none' | 'some' | 'all' {
  const known = shares.get(timeline)
  if (known) return known
  const found = measureShare(timeline)
  shares.set(timeline, found)
  return found
}

/** By timeline: it is asked at each request, and the answer takes a look at every segment. */
const shares = new WeakMap<Timeline, 'none' | 'some' | 'all'>()

function measureShare(timeline: Timeline): 'none' | 'some' | 'all' {
  if (!timeline.recorded) return 'none'
  if (!timeline.recording) return 'all'
  const kept = timeline.spans.flatMap(({ runId, record, end }) =>
    (record?.boundaries ?? [])
      .slice(0, end?.segments)
      .map((_, number) => isKept(timeline, { runId, number })),
  )
  if (kept.every(Boolean)) return 'all'
  return kept.some(Boolean) ? 'some' : 'none'
}

/**
 * Whether the playlists that players follow live are still there. Of what was not recorded they have the last minute, for
 * as long as the plan lets it lie: players at the edge come to the end.
 */
export function isFollowed(timeline: Timeline, opens: Opens, now: number): boolean {
  if (opens === 'replay') return false
  if (!timeline.ended || timeline.trimAt === undefined || now < timeline.trimAt) return true
  return findRecordedShare(timeline) === 'all'
}

export function hasReplay(timeline: Timeline): boolean {
  return timeline.ended && findRecordedShare(timeline) !== 'none'
}

/** Whether a segment may be had: after the end of a class only what its playlists list, whoever knows its name. */
export function isOpen(
  timeline: Timeline,
  variant: string,
  { msn, runId, number }: Pick<TimelineSegment, 'msn' | 'runId' | 'number'>,
  opens: Opens,
  now: number,
): boolean {
  if (!timeline.ended) return opens === 'broadcast'
  if (isKept(timeline, { runId, number })) return true
  return isFollowed(timeline, opens, now) && msn >= findLastWindow(timeline, variant)
}

/** Where the last window of a variant of an ended class begins. Whoever looks for an init asks at every segment. */
function findLastWindow(timeline: Timeline, variant: string): number {
  const known = lastWindows.get(timeline) ?? new Map<string, number>()
  lastWindows.set(timeline, known)
  const firstMsn = known.get(variant) ?? toLastWindow(timeline, variant).firstMsn
  known.set(variant, firstMsn)
  return firstMsn
}

const lastWindows = new WeakMap<Timeline, Map<string, number>>()
