import type { Config } from '../../server/config'

/** pino's number for `warn`; LiveKit and Go write the word. */
const WARN = 40
const LOUD_LEVELS = new Set(['warn', 'warning', 'error', 'fatal', 'panic'])

type Entry = { level?: unknown; msg?: unknown; message?: unknown; err?: { message?: unknown } }

/** What of a child's log line the operator sees; undefined: it is in the log file only. */
export function toConsoleLine(name: string, line: string, level: Config['logLevel']): string | undefined {
  const everything = level === 'debug' || level === 'trace'
  const entry = parseEntry(line)
  if (!entry) return everything ? `[${name}] ${line}` : undefined
  if (!everything && !(name === 'server' && isLoud(entry.level))) return undefined
  const cause = entry.err?.message === undefined ? '' : `: ${entry.err.message}`
  return everything ? `[${name}] ${line}` : `[${name}] ${entry.msg ?? entry.message ?? line}${cause}`
}

function parseEntry(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const isLoud = (level: unknown): boolean =>
  typeof level === 'number' ? level >= WARN : LOUD_LEVELS.has(String(level).toLowerCase())
