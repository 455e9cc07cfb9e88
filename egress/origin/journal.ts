import { z } from 'zod'
import { picture } from '../run-health'

/** Names become file names and parts of URLs: no slash, no leading dot, nothing to encode. */
const fileName = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
const runId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
/** No dot: `main.replay.m3u8` is a name of ours. */
const variant = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/)
const count = z.number().int().nonnegative()
const size = z.number().int().positive()
/** A minute in one piece is no broadcast. */
const seconds = z.number().positive().max(60)
/** Beyond, there is no date (ECMA-262, 21.4.1.1). */
const serverMs = z.number().nonnegative().max(8.64e15)

const line = z.discriminatedUnion('t', [
  z.object({ t: z.literal('run'), v: z.literal(1), runId }),
  z.object({
    t: z.literal('init'),
    variant,
    init: count,
    file: fileName,
    size,
    codecs: z.string().regex(/^[A-Za-z0-9.,]{1,128}$/),
    width: size.optional(),
    height: size.optional(),
    frameRate: z.number().positive().optional(),
  }),
  z.object({
    t: z.literal('part'),
    variant,
    segment: count,
    part: count,
    file: fileName,
    offset: count,
    size,
    duration: seconds,
    independent: z.boolean(),
    pdt: serverMs,
    init: count.optional(),
    discontinuity: z.boolean().optional(),
  }),
  z.object({ t: z.literal('segment'), variant, segment: count, duration: seconds, size }),
  picture.extend({ t: z.literal('picture') }),
  z.object({ t: z.literal('end'), reason: z.string() }),
])

/** One line of a run's `journal.ndjson`, written after the bytes it speaks of are on the file. */
export type JournalLine = z.infer<typeof line>
export type PartLine = Extract<JournalLine, { t: 'part' }>
export type InitLine = Extract<JournalLine, { t: 'init' }>

const known = new Set<unknown>(['run', 'init', 'part', 'segment', 'picture', 'end'])

type ParsedLine =
  | { kind: 'line'; line: JournalLine }
  /** A kind of line that a later worker writes; nothing that we list depends on it. */
  | { kind: 'unknown' }
  | { kind: 'garbage' }

export function parseJournalLine(text: string): ParsedLine {
  const json = parseJson(text)
  if (typeof json !== 'object' || json === null || !('t' in json)) return { kind: 'garbage' }
  if (typeof json.t === 'string' && !known.has(json.t)) return { kind: 'unknown' }
  const parsed = line.safeParse(json)
  return parsed.success ? { kind: 'line', line: parsed.data } : { kind: 'garbage' }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
