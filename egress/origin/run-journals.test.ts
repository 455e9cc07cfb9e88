import { expect, test } from 'vitest'
import { FULL_PARTS, toRunLines } from '../../tests/support/run-lines'
import type { PartSource } from './part-source'
import { createRunJournals } from './run-journals'
import { SEGMENTS_WITH_PARTS } from './run-record'

const full = { parts: FULL_PARTS }
const lines = toRunLines(
  'run_a',
  0,
  Array.from({ length: SEGMENTS_WITH_PARTS + 10 }, () => full),
)
const linesOf = (segments: number) => 3 + segments * 2 * (FULL_PARTS.length + 1)

/** A journal in memory, of which readers see as much as `shown` says. */
function createSource(files: string[], shown: { lines: number }): PartSource {
  return {
    follow(_classId, _runId, reader) {
      let read = 0
      return {
        async catchUp() {
          const next = lines.slice(read, shown.lines)
          read = shown.lines
          if (next.length > 0) reader.onLines(next)
        },
        close() {},
      }
    },
    read: () => Promise.reject(new Error('no bytes here')),
    list: async () => new Set(files),
    check: async () => {},
  }
}

const ignore = { onLines() {}, onProblem() {} }
const running = [{ runId: 'run_a', base: 0 }]
const frozenAt = (segments: number, lastParts: number) => [
  { runId: 'run_a', base: 0, end: { segments, lastParts } },
]
const allFiles = lines.flatMap((line) => JSON.parse(line).file ?? [])

test('[JNL1] parts of what is long past are forgotten, their number and size are not', async () => {
  const journals = createRunJournals('cls_1', createSource(allFiles, { lines: lines.length }), ignore)
  await journals.catchUp(running)
  const first = journals.records.get('run_a')?.variants.get('main')?.segments.get(0)
  expect(first).toMatchObject({ parts: [], partCount: 9, bytes: 9000, closedSeconds: 1.99997 })
})

test('[JNL2] a run that went on long after its death is listed as it was when it died', async () => {
  const shown = { lines: linesOf(3) }
  const [late, prompt] = [shown, { lines: linesOf(3) }].map((what) =>
    createRunJournals('cls_1', createSource(allFiles, what), ignore),
  )
  await late?.catchUp(running)
  shown.lines = lines.length
  await late?.catchUp(running)
  for (const journals of [late, prompt]) await journals?.catchUp(frozenAt(3, 4))
  const lastOf = (journals: typeof late) =>
    journals?.records.get('run_a')?.variants.get('main')?.segments.get(2)?.parts.slice(0, 4)
  expect(lastOf(late)).toHaveLength(4)
  expect(lastOf(late)).toEqual(lastOf(prompt))
})

test('[JNL3] files that are not there when a run is read are known to be missing', async () => {
  const files = allFiles.filter((file) => file !== 'main-1.m4s')
  const journals = createRunJournals('cls_1', createSource(files, { lines: lines.length }), ignore)
  await journals.catchUp(running)
  expect([...(journals.records.get('run_a')?.missing ?? [])]).toEqual(['main-1.m4s'])
})
