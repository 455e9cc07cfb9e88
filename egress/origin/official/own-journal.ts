import { open, readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export const JOURNAL_NAME = 'journal.ndjson'
export type VariantName = 'main' | 'audio'

const line = z.looseObject({ t: z.string(), variant: z.string().optional() })
const run = z.object({ t: z.literal('run'), startedAt: z.number(), lead: z.number().default(0) })
const part = z.object({ t: z.literal('part'), pdt: z.number(), duration: z.number() })
const init = z.object({
  t: z.literal('init'),
  variant: z.enum(['main', 'audio']),
  init: z.number(),
  file: z.string(),
  codecs: z.string(),
})

/** Nothing can be appended to it: an origin reads no further than this line. */
export class GarbledJournal extends Error {}

/**
 * How far a conversion came that has ended with its process; null: there was none. A batch that it left half written is
 * cut off the journal: it is made anew, and lines of it would stand there twice.
 */
export async function readJournal(dir: string) {
  const path = join(dir, JOURNAL_NAME)
  const bytes = await readIfThere(path)
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1).toString()
  const written = whole.split('\n').slice(0, -1)
  const parsed = written.map((text, index) => {
    const { data } = line.safeParse(parse(text))
    if (!data) throw new GarbledJournal(`line ${index + 1} of ${path} is none of a journal`)
    return data
  })
  const lines = parsed.slice(0, parsed.findLastIndex(endsBatch) + 1)
  const size = written.slice(0, lines.length).reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
  if (size < bytes.length) await truncate(path, size)
  if (lines.length === 0) return null
  const segments = lines.filter(({ t, variant }) => t === 'segment' && variant === 'main').length
  const inits = lines.flatMap((found) => init.safeParse(found).data ?? [])
  const leadMs = run.safeParse(lines[0]).data?.lead ?? 0
  return { segments, inits, leadMs, ended: lines.some(({ t }) => t === 'end') }
}

/** The sound's segment is the last line of what is written of a segment. */
const endsBatch = ({ t, variant }: z.infer<typeof line>) =>
  t === 'end' || (t === 'segment' && variant === 'audio')

async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
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
    const [first] = (await read(0)).map((found) => run.safeParse(found).data)
    const parts = (await read(Math.max(0, size - TAIL_BYTES))).flatMap(
      (found) => part.safeParse(found).data ?? [],
    )
    if (!first || parts.length === 0) return null
    const endMs = Math.max(...parts.map(({ pdt, duration }) => pdt + duration * 1000))
    return { startedAt: first.startedAt, leadMs: first.lead, endMs }
  } finally {
    await file.close()
  }
}

/** A line may be cut off at either end of what was read. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
