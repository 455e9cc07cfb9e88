import { expect, test } from 'vitest'
import { toChapters, toDate, toPictures, toPosition, toSegmentStart } from './hls-timeline'

const START = Date.parse('2026-11-23T10:00:00Z')
type Details = Parameters<typeof toDate>[0]

/** Two runs of 4 s; between them a minute was not broadcast. The last segment is still growing. */
function details(ranges: Record<string, Record<string, string>> = {}): Details {
  const segment = (start: number, dateMs: number) => ({ start, duration: 2, programDateTime: START + dateMs })
  const dateRanges = Object.fromEntries(
    Object.entries(ranges).map(([id, attr]) => [
      id,
      { class: attr.CLASS, startDate: new Date(attr['START-DATE'] ?? ''), attr },
    ]),
  )
  return {
    fragments: [segment(0, 0), segment(2, 2_000), segment(4, 64_000)],
    fragmentHint: segment(6, 66_000),
    dateRanges,
  } as unknown as Details
}

test('each run has its own date for a position', () => {
  const seen = [0, 1.5, 3.9, 4, 6.5, 7].map((position) => toDate(details(), position))
  expect(seen).toEqual([0, 1_500, 3_900, 64_000, 66_500, 67_000].map((ms) => START + ms))
})
test('before the first segment and after the last the date goes on', () => {
  expect(toDate(details(), -1)).toBe(START - 1_000)
  expect(toDate(details(), 9)).toBe(START + 69_000)
})
test('a moment has its position; one that was not broadcast that of the next picture; the future none', () => {
  expect(toPosition(details(), START + 1_500)).toBe(1.5)
  expect(toPosition(details(), START + 30_000)).toBe(4)
  expect(toPosition(details(), START + 67_000)).toBe(7)
  expect(toPosition(details(), START + 80_000)).toBeNull()
})
test('chapters and pictures come from the date ranges, in order', () => {
  const at = (seconds: number) => ({ 'START-DATE': new Date(START + seconds * 1_000).toISOString() })
  const known = details({
    'chapter-1': { CLASS: 'amphi.chapter', ...at(40), 'X-TITLE': 'What is a wave?' },
    'chapter-0': { CLASS: 'amphi.chapter', ...at(10), 'X-TITLE': 'Start' },
    'picture-0': { CLASS: 'amphi.picture', ...at(0), 'X-MAIN': 'per_a:camera' },
    'picture-1': { CLASS: 'amphi.picture', ...at(5), 'X-MAIN': 'per_a:screen', 'X-ASIDE': 'per_a:camera' },
    other: { CLASS: 'com.example', ...at(1) },
  })
  expect(toChapters(known)).toEqual([
    { at: START + 10_000, name: 'Start' },
    { at: START + 40_000, name: 'What is a wave?' },
  ])
  expect(toPictures(known)).toEqual([
    { at: START, main: 'per_a:camera', aside: null },
    { at: START + 5_000, main: 'per_a:screen', aside: 'per_a:camera' },
  ])
})
test('a position belongs to the segment that began last', () => {
  expect([0, 3.9, 4, 9].map((position) => toSegmentStart(details(), position))).toEqual([0, 2, 4, 4])
})
