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
function createSource(files: string[], shown: { lines: number }, followed = new Set<string>()): PartSource {
  return {
    follow(_classId, runId, reader) {
      let read = 0
      followed.add(runId)
      return {
        async catchUp() {
          const next = lines.slice(read, shown.lines)
          read = shown.lines
          if (next.length > 0) reader.onLines(next)
        },
        close: () => void followed.delete(runId),
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

test('[JNL4] a standby that was replaced or dropped is followed and remembered no more, until a plan names it again', async () => {
  const followed = new Set<string>()
  const source = createSource(allFiles, { lines: linesOf(3) }, followed)
  const journals = createRunJournals('cls_1', source, ignore)
  const take = async (standby?: { runId: string }) => {
    await journals.catchUp([...running, ...(standby ? [standby] : [])])
    journals.release({ runs: running, standby, ended: false })
    expect([...journals.records.keys()].sort()).toEqual([...followed].sort())
    return [...followed].sort()
  }
  expect(await take({ runId: 'run_b' })).toEqual(['run_a', 'run_b'])
  expect(await take({ runId: 'run_c' })).toEqual(['run_a', 'run_c'])
  expect(await take()).toEqual(['run_a'])
  expect(await take({ runId: 'run_b' })).toEqual(['run_a', 'run_b'])
  // It takes over: the plan names it elsewhere.
  journals.release({ runs: [...frozenAt(3, 9), { runId: 'run_b', base: 3 }], ended: false })
  expect([...followed]).toEqual(['run_b'])
  expect([...journals.records.keys()].sort()).toEqual(['run_a', 'run_b'])
})
