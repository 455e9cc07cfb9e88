import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const fileName = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
const count = z.number().int().nonnegative()
const size = z.number().int().positive()
const place = { variant: z.string(), segment: count, file: fileName }

const line = z.discriminatedUnion('t', [
  z.object({ t: z.literal('init'), variant: z.string(), init: count, file: fileName, size }),
  z.object({
    t: z.literal('part'),
    ...place,
    part: count,
    offset: count,
    size,
    duration: z.number().positive(),
    pdt: z.number(),
    init: count.optional(),
    discontinuity: z.boolean().optional(),
  }),
])

/** Bytes of a file, and how long they play. `parts`: where each part of them ends. */
export type KeptSegment = {
  number: number
  file: string
  init: number
  discontinuity: boolean
  parts: { endByte: number; seconds: number }[]
}
type KeptVariant = {
  inits: Map<number, { file: string; size: number }>
  segments: Map<number, KeptSegment>
}
/** What is left of a run to make a recording of. `starts[n]`: server time of segment n, ms, the same for all variants. */
export type KeptRun = { runId: string; starts: number[]; variants: Map<string, KeptVariant> }

/** Reads a journal that nobody writes any more. Lines that are not understood, and what follows a torn one, are left out. */
export async function readRunJournal(
  broadcastDir: string,
  classId: string,
  runId: string,
  skip = 0,
): Promise<KeptRun | null> {
  const path = join(broadcastDir, classId, runId, 'journal.ndjson')
  try {
    return toKeptRun(runId, await readFile(path, 'utf8'), skip)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** `skip`: so many of its first segments do not count, as if they had never been. */
export function toKeptRun(runId: string, journal: string, skip = 0): KeptRun {
  const run: KeptRun = { runId, starts: [], variants: new Map() }
  const lines = journal.split('\n')
  lines.pop()
  for (const text of lines) {
    const parsed = line.safeParse(parseJson(text))
    if (parsed.success) keepLine(run, parsed.data, skip)
  }
  return run
}

function keepLine(run: KeptRun, written: z.infer<typeof line>, skip: number): void {
  const data = written.t === 'part' ? { ...written, segment: written.segment - skip } : written
  if (data.t === 'part' && data.segment < 0) return
  const variant = run.variants.get(data.variant) ?? { inits: new Map(), segments: new Map() }
  run.variants.set(data.variant, variant)
  if (data.t === 'init') {
    variant.inits.set(data.init, { file: data.file, size: data.size })
    return
  }
  if (data.part === 0) {
    const init = data.init ?? Math.max(0, ...variant.inits.keys())
    const { segment: number, file, discontinuity = false } = data
    variant.segments.set(number, { number, file, init, discontinuity, parts: [] })
    run.starts[number] ??= data.pdt
  }
  const segment = variant.segments.get(data.segment)
  if (segment?.parts.length !== data.part) return
  segment.parts.push({ endByte: data.offset + data.size, seconds: data.duration })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
