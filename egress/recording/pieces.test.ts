import { expect, test } from 'vitest'
import { FULL_PARTS, type SegmentShape, toRunLines } from '../../tests/support/run-lines'
import type { BroadcastPlan } from '../plan'
import { toPieces } from './pieces'
import { toKeptRun } from './run-journal'

const START = 1_000_000
const full: SegmentShape = { parts: FULL_PARTS }
const toRun = (runId: string, shapes: SegmentShape[], start = START) =>
  [runId, toKeptRun(runId, `${toRunLines(runId, start, shapes).join('\n')}\n`)] as const

const plan = (runs: BroadcastPlan['runs'], recording: BroadcastPlan['recording'] = [{ from: 0 }]) => ({
  classId: 'cls_1',
  ended: true,
  recorded: true,
  recording,
  runs,
})
const shapeOf = (pieces: ReturnType<typeof toPieces>) =>
  pieces.map(({ runId, init, segments }) => `${runId} ${init.file} ${segments.length}`)

test('[TAPE1] segments that share their init and follow each other are one piece', () => {
  const runs = new Map([toRun('run_a', [full, full, full])])
  const pieces = toPieces(plan([{ runId: 'run_a', base: 0, end: { segments: 3, lastParts: 9 } }]), runs)
  expect(shapeOf(pieces)).toEqual(['run_a main-init-0.mp4 3'])
  expect(pieces[0]?.seconds).toBeCloseTo(6, 2)
})

test('[TAPE2] a new init, a discontinuity and a new run begin a new piece', () => {
  const shapes = [
    full,
    { ...full, newInit: true, discontinuity: true },
    full,
    { ...full, discontinuity: true },
  ]
  const runs = new Map([toRun('run_a', shapes), toRun('run_b', [full])])
  const both = [
    { runId: 'run_a', base: 0, end: { segments: 4, lastParts: 9 } },
    { runId: 'run_b', base: 4, end: { segments: 1, lastParts: 9 } },
  ]
  expect(shapeOf(toPieces(plan(both), runs))).toEqual([
    'run_a main-init-0.mp4 1',
    'run_a main-init-1.mp4 2',
    'run_a main-init-1.mp4 1',
    'run_b main-init-0.mp4 1',
  ])
})

test('[TAPE3] a run that died counts for the parts that viewers were told of', () => {
  const runs = new Map([toRun('run_a', [full, { ...full, open: true }])])
  const pieces = toPieces(plan([{ runId: 'run_a', base: 0, end: { segments: 2, lastParts: 2 } }]), runs)
  expect(pieces[0]?.segments.map(({ size }) => size)).toEqual([9_000, 2_000])
})

test('[TAPE4] what was not recorded is left out, and what comes after it begins a new piece', () => {
  const runs = new Map([toRun('run_a', [full, full, full, full])])
  const recording = [
    { from: START - 10, to: START + 2_100 },
    { from: START + 3_000, to: START + 6_500 },
  ]
  const pieces = toPieces(
    plan([{ runId: 'run_a', base: 0, end: { segments: 4, lastParts: 9 } }], recording),
    runs,
  )
  expect(pieces.flatMap(({ segments }) => segments.map(({ file }) => file))).toEqual([
    'main-0.m4s',
    'main-2.m4s',
  ])
  expect(pieces).toHaveLength(2)
})

test('[TAPE5] a torn last line and lines of a later worker are not read', () => {
  const lines = toRunLines('run_a', START, [full])
  const journal = `${lines[0]}\n{"t":"picture","at":1}\n${lines.slice(1).join('\n')}\n{"t":"part","variant":"ma`
  const runs = new Map([['run_a', toKeptRun('run_a', journal)]])
  const pieces = toPieces(plan([{ runId: 'run_a', base: 0, end: { segments: 1, lastParts: 9 } }]), runs)
  expect(shapeOf(pieces)).toEqual(['run_a main-init-0.mp4 1'])
})
