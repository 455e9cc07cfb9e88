import type { Fragment, LevelDetails, MediaFragment, Part } from 'hls.js'
import type { Chapter, PictureChange } from './engine'

/** Names that the origin gives its EXT-X-DATERANGEs. */
const CHAPTER_CLASS = 'amphi.chapter'
const PICTURE_CLASS = 'amphi.picture'

type Dated = Pick<Fragment, 'start' | 'duration' | 'programDateTime'>
type Details = Pick<LevelDetails, 'fragments' | 'fragmentHint' | 'dateRanges'> & {
  partList?: readonly Pick<Part, 'start'>[] | null
}

/** Server time of a position of the element. Between two runs of the broadcast the date jumps, so each segment counts. */
export function toDate(details: Details, position: number): number | null {
  let best: Dated | null = null
  for (const fragment of dated(details)) {
    if (best && fragment.start > position) break
    best = fragment
  }
  if (best?.programDateTime == null) return null
  return best.programDateTime + (position - best.start) * 1_000
}

/** A moment between two runs was not broadcast: the position where the later one begins. */
export function toPosition(details: Details, date: number): number | null {
  for (const fragment of dated(details)) {
    const from = fragment.programDateTime
    if (from === null) continue
    if (date < from) return fragment.start
    const seconds = (date - from) / 1_000
    if (seconds < fragment.duration) return fragment.start + seconds
  }
  return null
}

export function toSegmentStart({ fragments }: Pick<Details, 'fragments'>, position: number): number {
  return fragments.findLast(({ start }) => start <= position)?.start ?? position
}

function* dated(details: Details): Generator<Dated> {
  for (const fragment of details.fragments) if (fragment.programDateTime !== null) yield fragment
  // The segment that is still growing.
  const hint: MediaFragment | undefined = details.fragmentHint
  if (hint && hint.programDateTime !== null) yield hint
}

export function toChapters({ dateRanges }: Details): Chapter[] {
  return rangesOf(dateRanges, CHAPTER_CLASS)
    .map(({ at, attr }) => ({ at, name: attr['X-TITLE'] ?? attr['X-NAME'] ?? '' }))
    .filter(({ name }) => name !== '')
}

export function toPictures({ dateRanges }: Details): PictureChange[] {
  return rangesOf(dateRanges, PICTURE_CLASS).map(({ at, attr }) => ({
    at,
    main: attr['X-MAIN'] || null,
    aside: attr['X-ASIDE'] || null,
  }))
}

function rangesOf(ranges: Details['dateRanges'], wanted: string) {
  return Object.values(ranges)
    .flatMap((range) =>
      range?.class === wanted ? [{ at: range.startDate.getTime(), attr: attributesOf(range) }] : [],
    )
    .sort((a, b) => a.at - b.at)
}

function attributesOf(range: { attr: object }): Record<string, string | undefined> {
  return range.attr as Record<string, string | undefined>
}
