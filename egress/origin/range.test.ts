import { expect, test } from 'vitest'
import { matchesTag, parseRange } from './range'

test('[RNG1] a range is cut to what there is', () => {
  expect(parseRange('bytes=0-99', 1000)).toEqual({ kind: 'part', first: 0, last: 99 })
  expect(parseRange('bytes=900-', 1000)).toEqual({ kind: 'part', first: 900, last: 999 })
  expect(parseRange('bytes=900-5000', 1000)).toEqual({ kind: 'part', first: 900, last: 999 })
  expect(parseRange('bytes=-10', 1000)).toEqual({ kind: 'part', first: 990, last: 999 })
  expect(parseRange('bytes=-5000', 1000)).toEqual({ kind: 'part', first: 0, last: 999 })
})

test('[RNG2] a range beyond the end cannot be satisfied', () => {
  expect(parseRange('bytes=1000-', 1000)).toEqual({ kind: 'unsatisfiable' })
  expect(parseRange('bytes=-0', 1000)).toEqual({ kind: 'unsatisfiable' })
})

test('[RNG3] what is no single range of bytes gives the whole', () => {
  for (const header of [undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,5-6', 'lines=0-1', 'x']) {
    expect(parseRange(header, 1000), String(header)).toEqual({ kind: 'whole' })
  }
})

test('[RNG4] a tag matches alone, in a list, weak, or by a star', () => {
  for (const header of ['"a"', '"b", "a"', 'W/"a"', '*']) expect(matchesTag(header, '"a"'), header).toBe(true)
  for (const header of [undefined, '', '"b"', 'a']) expect(matchesTag(header, '"a"')).toBe(false)
})
