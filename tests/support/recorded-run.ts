import { parseJournalLine } from '../../egress/origin/journal'
import { createRunRecord, type RunRecord, recordLine } from '../../egress/origin/run-record'
import { type SegmentShape, toRunLines } from './run-lines'

/** A record from lines; throws at a line that is refused. */
export function toRecord(runId: string, lines: readonly string[]): RunRecord {
  const run = createRunRecord(runId)
  for (const line of lines) addLine(run, line)
  return run
}

export function addLine(run: RunRecord, text: string) {
  const parsed = parseJournalLine(text)
  const problem = parsed.kind === 'line' ? recordLine(run, parsed.line) : parsed.kind
  if (problem) throw new Error(`${problem}: ${text}`)
}

export function toRecords(runs: Record<string, SegmentShape[]>, startPdt: number): Map<string, RunRecord> {
  const entries = Object.entries(runs).map(([runId, shapes], index) => {
    const record = toRecord(runId, toRunLines(runId, startPdt + index * 60_000, shapes))
    return [runId, record] as const
  })
  return new Map(entries)
}
