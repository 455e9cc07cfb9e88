import type { BroadcastPlan, PlannedRun } from '../plan'
import { type JournalLine, parseJournalLine } from './journal'
import type { Following, PartSource } from './part-source'
import { createRunRecord, type RunRecord, recordLine } from './run-record'

/** The journals of one class's runs, followed and recorded. */
export type RunJournals = {
  records: ReadonlyMap<string, RunRecord>
  /** Resolves when all that these runs have written so far is recorded. */
  catchUp(runs: readonly Pick<PlannedRun, 'runId' | 'end' | 'skip'>[]): Promise<void>
  /** From now on nothing more of this run is recorded, until another call: then what was written meanwhile is. */
  hold(runId: string | undefined): void
  /** Stops following what can grow no more, and forgets runs that the plan does not name: a standby that was replaced. */
  release(plan: Pick<BroadcastPlan, 'runs' | 'standby' | 'ended'>): void
  close(): void
}

type Events = {
  onLines(run: RunRecord, isBacklog: boolean): void
  /** A run whose journal cannot be read on. Told once a run. */
  onProblem(runId: string, problem: unknown): void
}

/** Of a standby the health is told under a name of its own: when it takes over, it is counted anew from 0. */
export function createRunJournals(classId: string, source: PartSource, events: Events): RunJournals {
  const records = new Map<string, RunRecord>()
  const followings = new Map<string, Following>()
  const skips = new Map<string, number>()
  const readers = new Map<string, (lines: readonly string[]) => boolean>()
  let held: { runId: string; lines: string[] } | null = null

  function follow(runId: string, segmentLimit: number, skip: number): Following {
    const run = createRunRecord(runId)
    skips.set(runId, skip)
    run.segmentLimit = segmentLimit
    records.set(runId, run)
    let state: 'backlog' | 'current' | 'failed' = 'backlog'
    const fail = (problem: unknown) => {
      if (state !== 'failed') events.onProblem(runId, problem)
      state = 'failed'
      return false
    }
    const read = (lines: readonly string[]) => {
      const problem = lines.reduce<string | null>((found, line) => found ?? readLine(run, line, skip), null)
      events.onLines(run, state === 'backlog')
      return problem === null || fail(new Error(problem))
    }
    readers.set(runId, read)
    const following = source.follow(classId, runId, {
      onLines(lines) {
        if (held?.runId !== runId) return read(lines)
        held.lines.push(...lines)
        return true
      },
      onProblem: fail,
    })
    followings.set(runId, following)
    void following.catchUp().then(() => {
      if (state === 'backlog') state = 'current'
    })
    return following
  }

  function forget(runId: string): void {
    followings.get(runId)?.close()
    for (const known of [followings, records, readers, skips]) known.delete(runId)
  }

  /** The directory knows what became of files since: someone may have deleted some. */
  async function markMissing(runId: string) {
    const run = records.get(runId)
    if (!run || run.boundaries.length === 0) return
    const files = await source.list(classId, runId)
    for (const { segments } of run.variants.values()) {
      for (const { file } of segments.values()) if (!files.has(file)) run.missing.add(file)
    }
  }

  async function catchUp({ runId, end, skip = 0 }: Pick<PlannedRun, 'runId' | 'end' | 'skip'>) {
    if (followings.has(runId) && skips.get(runId) !== skip) {
      followings.get(runId)?.close()
      followings.delete(runId)
    }
    const known = followings.get(runId)
    const limit = end?.segments ?? Number.POSITIVE_INFINITY
    await (known ?? follow(runId, limit, skip)).catchUp()
    const run = records.get(runId)
    if (!known) await markMissing(runId)
    if (!end || !run) return
    run.segmentLimit = limit
    if (!hasForgotten(run, end)) return
    // The run went on long after its death, and how it looked then must be read again.
    followings.get(runId)?.close()
    await follow(runId, limit, skip).catchUp()
  }

  return {
    records,
    async catchUp(runs) {
      await Promise.all(runs.map(catchUp))
    },
    hold(runId) {
      if (held?.runId === runId) return
      const before = held
      held = runId === undefined ? null : { runId, lines: [] }
      if (before && before.lines.length > 0) readers.get(before.runId)?.(before.lines)
    },
    release({ runs, standby, ended }) {
      for (const { runId, end } of runs) {
        // Behind a slow file system a frozen run may still have to arrive.
        if (end && (ended || hasAll(records.get(runId), end))) followings.get(runId)?.close()
      }
      const named = new Set([...runs.map(({ runId }) => runId), standby?.runId])
      for (const runId of [...followings.keys()].filter((followed) => !named.has(followed))) forget(runId)
    },
    close() {
      for (const following of followings.values()) following.close()
    },
  }
}

type End = NonNullable<PlannedRun['end']>

function hasAll(run: RunRecord | undefined, end: End): boolean {
  if (end.segments === 0) return true
  const variants = [...(run?.variants.values() ?? [])]
  return variants.some(({ segments }) => (segments.get(end.segments - 1)?.partCount ?? 0) >= end.lastParts)
}

function hasForgotten(run: RunRecord, end: End): boolean {
  return [...run.variants.values()].some(({ segments }) => {
    const last = segments.get(end.segments - 1)
    return last !== undefined && last.partCount > end.lastParts && last.parts.length === 0
  })
}

function readLine(run: RunRecord, text: string, skip: number): string | null {
  const parsed = parseJournalLine(text)
  switch (parsed.kind) {
    case 'line': {
      const line = afterSkipped(parsed.line, skip)
      return line && recordLine(run, line)
    }
    case 'unknown':
      return null
    case 'garbage':
      return 'garbage in the journal'
  }
}

/** A run that took over is counted from there on; what it wrote before is nothing. */
function afterSkipped(line: JournalLine, skip: number): JournalLine | null {
  if (skip === 0 || (line.t !== 'part' && line.t !== 'segment')) return line
  return line.segment < skip ? null : { ...line, segment: line.segment - skip }
}
