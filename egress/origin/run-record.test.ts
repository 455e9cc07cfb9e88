import { expect, test } from 'vitest'
import { toRecord } from '../../tests/support/recorded-run'
import { FULL_PARTS, toInitLine, toRunLine, toRunLines, toSegmentLines } from '../../tests/support/run-lines'
import { givenUpBelow } from './run-record'

const full = { parts: FULL_PARTS }
const head = [toRunLine('run_a'), toInitLine('main', 0), toInitLine('audio', 0)]

test('[REC1] parts and segments are kept in their order for each variant', () => {
  const run = toRecord('run_a', toRunLines('run_a', 0, [full, { parts: [0.2, 0.1], open: true }]))
  const main = run.variants.get('main')
  expect(main?.segments.get(0)?.parts).toHaveLength(9)
  expect(main?.segments.get(0)?.closedSeconds).toBe(1.99997)
  expect(main?.last).toMatchObject({
    number: 1,
    closedSeconds: null,
    parts: [{ offset: 0 }, { offset: 1000 }],
  })
  expect(run.closedSegments).toBe(1)
})

test('[REC2] a lost line is found out, and what follows is not listed with a hole before it', () => {
  const lines = toRunLines('run_a', 0, [full, full], ['main'])
  const listed = lines.length
  for (let lost = 0; lost < listed - 1; lost++) {
    const rest = lines.filter((_, index) => index !== lost)
    expect(() => toRecord('run_a', rest), lines[lost]).toThrow()
  }
})

test('[REC3] the journal of another run, or lines after the end, are refused', () => {
  expect(() => toRecord('run_b', head)).toThrow('journal of another run')
  const ended = [...head, '{"t":"end","reason":"stopped"}', toInitLine('main', 1)]
  expect(() => toRecord('run_a', ended)).toThrow('line after the end')
})

test('[REC4] a discontinuity is decided once for all variants', () => {
  const lines = [
    ...head,
    ...toSegmentLines('main', 0, 0, 0, full),
    ...toSegmentLines('main', 1, 0, 2000, { ...full, discontinuity: true }),
    ...toSegmentLines('audio', 0, 0, 0, full),
    ...toSegmentLines('audio', 1, 0, 2000, full),
  ]
  expect(toRecord('run_a', lines).boundaries.map(({ discontinuity }) => discontinuity)).toEqual([false, true])
})

test('[REC5] a variant is given up for segments that another closed two before; what it writes late is left out', () => {
  const ahead = [0, 1, 2].flatMap((n) => toSegmentLines('main', n, 0, n * 2000, full))
  const late = toSegmentLines('audio', 0, 0, 0, full)
  const next = toSegmentLines('audio', 1, 0, 2000, full)
  const run = toRecord('run_a', [...head, ...ahead, ...late, ...next])
  expect(givenUpBelow(run)).toBe(1)
  expect([...(run.variants.get('audio')?.segments.keys() ?? [])]).toEqual([1])
})

test('[REC6] bit rates come from whole segments', () => {
  const main = toRecord('run_a', toRunLines('run_a', 0, [full, full])).variants.get('main')
  expect(main?.rates.bytes).toBe(18_000)
  expect(main?.rates.seconds).toBeCloseTo(3.99994)
  expect(main?.rates.peakBitsPerSecond).toBeCloseTo(72_000 / 1.99997)
})
