import { expect, test } from 'vitest'
import { isRunning, parsePlan } from './plan'

const first = { runId: 'run_a', base: 0, end: { segments: 3, lastParts: 2 } }
const plan = { classId: 'cls_1', ended: false, recorded: true, runs: [first, { runId: 'run_b', base: 3 }] }

test('[PLN1] a plan is read with its runs in order', () => {
  expect(parsePlan('cls_1', JSON.stringify(plan))).toEqual(plan)
})

test('[PLN2] a plan by which media sequence would leap or go back is refused', () => {
  for (const base of [2, 4]) {
    const runs = [first, { runId: 'run_b', base }]
    expect(parsePlan('cls_1', JSON.stringify({ ...plan, runs }))).toBeNull()
  }
})

test('[PLN3] a plan in which a run goes on after another has begun is refused', () => {
  const runs = [
    { runId: 'run_a', base: 0 },
    { runId: 'run_b', base: 3 },
  ]
  expect(parsePlan('cls_1', JSON.stringify({ ...plan, runs }))).toBeNull()
})

test('[PLN4] what is no plan, or the plan of another class, is refused', () => {
  expect(parsePlan('cls_2', JSON.stringify(plan))).toBeNull()
  expect(parsePlan('cls_1', JSON.stringify(plan).slice(1))).toBeNull()
  expect(parsePlan('cls_1', JSON.stringify({ ...plan, runs: [{ runId: '../x', base: 0 }] }))).toBeNull()
})

test('[PLN6] a plan may say what the chapters are, and until when the media must be kept', () => {
  const more = { ...plan, chapters: [{ at: 1_763_851_234_000, title: 'What is a prime?' }], keepUntil: 1 }
  expect(parsePlan('cls_1', JSON.stringify(more))).toEqual(more)
  const wrong = { ...plan, chapters: [{ at: 1, title: 'x'.repeat(201) }] }
  expect(parsePlan('cls_1', JSON.stringify(wrong))).toBeNull()
})

test('[PLN5] a class is running while its last run has no end', () => {
  const read = (change: object) => parsePlan('cls_1', JSON.stringify({ ...plan, ...change }))
  const running = [{}, { runs: [first] }, { runs: [] }, { ended: true }].map((change) => {
    const found = read(change)
    return found && isRunning(found)
  })
  expect(running).toEqual([true, false, false, false])
})
