import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export const JOURNAL_NAME = 'journal.ndjson'
export type VariantName = 'main' | 'audio'

const run = z.object({ t: z.literal('run'), startedAt: z.number(), lead: z.number().default(0) })
const part = z.object({ t: z.literal('part'), pdt: z.number(), duration: z.number() })
const init = z.object({
  t: z.literal('init'),
  variant: z.enum(['main', 'audio']),
  init: z.number(),
  file: z.string(),
  codecs: z.string(),
})

/** How far a conversion came that has ended with its process; null: there was none. Whole batches are written at once. */
export async function readJournal(dir: string) {
  const text = await readFile(join(dir, JOURNAL_NAME), 'utf8').catch(() => '')
  if (text === '') return null
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { t?: string; variant?: string; segment?: number })
  const segments = lines.filter(({ t, variant }) => t === 'segment' && variant === 'main').length
  const inits = lines.flatMap((line) => init.safeParse(line).data ?? [])
  const leadMs = run.safeParse(lines[0]).data?.lead ?? 0
  return { segments, inits, leadMs, ended: lines.some(({ t }) => t === 'end') }
}

/** A dead run has its successor within this. What is longer is a pause, which media time does not count. */
const LONGEST_BREAK_MS = 15_000
/** Hold the newest parts, whatever else was written after them. */
const TAIL_BYTES = 65_536

/**
 * The media time at which a run of the class starts that starts at this server time: that of the runs before it goes
 * on, as with our worker. Players built on ffmpeg or GStreamer know nothing else.
 */
export async function findLeadMs(classDir: string, startedAt: number): Promise<number> {
  const runIds = await readdir(classDir).catch(() => [])
  const ends = await Promise.all(runIds.map((runId) => readEnds(join(classDir, runId, JOURNAL_NAME))))
  const leads = ends.flatMap((found) => {
    if (!found) return []
    const breakMs = Math.min(Math.max(0, startedAt - found.endMs), LONGEST_BREAK_MS)
    return [found.leadMs + found.endMs - found.startedAt + breakMs]
  })
  return Math.round(Math.max(0, ...leads))
}

/** The first line of a journal, and when its last part ends (server time, ms); null: there is none. */
async function readEnds(path: string) {
  const file = await open(path).catch(() => null)
  if (!file) return null
  try {
    const { size } = await file.stat()
    const read = async (position: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, position)
      return buffer.toString('utf8', 0, bytesRead).split('\n').map(parse)
    }
    const [first] = (await read(0)).map((line) => run.safeParse(line).data)
    const parts = (await read(Math.max(0, size - TAIL_BYTES))).flatMap(
      (line) => part.safeParse(line).data ?? [],
    )
    if (!first || parts.length === 0) return null
    const endMs = Math.max(...parts.map(({ pdt, duration }) => pdt + duration * 1000))
    return { startedAt: first.startedAt, leadMs: first.lead, endMs }
  } finally {
    await file.close()
  }
}

/** A line may be cut off at either end of what was read. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
