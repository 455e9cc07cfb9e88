import { gzipSync } from 'node:zlib'
import type { BroadcastPlan, PlannedRun } from '../plan'
import { createHolds, type Holds } from './holds'
import { parseJournalLine } from './journal'
import { findHint, type PlaylistForm, renderMediaPlaylist } from './media-playlist'
import { isStarted, renderMultivariant } from './multivariant-playlist'
import type { Following, PartSource } from './part-source'
import { createRunRecord, type RunRecord, recordLine } from './run-record'
import { findEdge, findMedia, type MediaSegment, type Timeline, toTimeline } from './timeline'

/** Rendered bytes, shared by all who get them. */
export type Rendered = { plain: Buffer; gzip: Buffer }

/** One class as the origin holds it in memory: its plan, the journals of its runs, its playlists. */
export type Broadcast = {
  classId: string
  holds: Holds
  plan(): BroadcastPlan | null
  timeline(): Timeline
  /** Takes a plan, after having read all that its runs have written so far. Plans are taken one after another. */
  applyPlan(plan: BroadcastPlan): Promise<void>
  run(runId: string): RunRecord | undefined
  playlist(variant: string, form: PlaylistForm): Rendered
  /** Null while there is nothing to play. */
  multivariant(): Rendered | null
  /** Once true it stays so: what has been announced is not taken back. */
  isStarted(): boolean
  /** As far as it is listed; it may still grow. */
  findSegment(runId: string, variant: string, number: number): MediaSegment | null
  /** Only if nothing more can come. */
  findWhole(runId: string, variant: string, number: number): MediaSegment | null
  isHinted(runId: string, variant: string, number: number, part: number): boolean
  close(): void
}

export type BroadcastEvents = {
  onParts(run: RunRecord, isBacklog: boolean): void
  /** A run whose journal cannot be read on. Told once a run. */
  onProblem(runId: string, problem: unknown): void
  onRender(): void
}

/** Small playlists sent thousands of times: level 6 costs 0.1 ms once. */
const GZIP_LEVEL = 6

export function createBroadcast(classId: string, source: PartSource, events: BroadcastEvents): Broadcast {
  const records = new Map<string, RunRecord>()
  const followings = new Map<string, Following>()
  const holds = createHolds()
  let plan: BroadcastPlan | null = null
  let timeline: Timeline = { ended: false, recorded: false, spans: [], variants: [] }
  let rendered = new Map<string, Rendered>()
  let applying = Promise.resolve()
  let started = false
  let isClosed = false

  function change() {
    if (!plan) return
    timeline = toTimeline(plan, records)
    rendered = new Map()
    holds.settle()
  }

  function render(key: string, make: () => string): Rendered {
    const found = rendered.get(key)
    if (found) return found
    const plain = Buffer.from(make())
    const made = { plain, gzip: gzipSync(plain, { level: GZIP_LEVEL }) }
    rendered.set(key, made)
    events.onRender()
    return made
  }

  function follow(runId: string): Following {
    const run = createRunRecord(runId)
    records.set(runId, run)
    let isBacklog = true
    const fail = (problem: unknown) => {
      events.onProblem(runId, problem)
      return false
    }
    const following = source.follow(classId, runId, {
      onLines(lines) {
        const problem = lines.reduce<string | null>((found, line) => found ?? readLine(run, line), null)
        change()
        events.onParts(run, isBacklog)
        return problem === null || fail(new Error(problem))
      },
      onProblem: once(fail),
    })
    followings.set(runId, following)
    void following.catchUp().then(() => {
      isBacklog = false
    })
    return following
  }

  async function apply(next: BroadcastPlan) {
    const followed = next.runs.map(({ runId }) => followings.get(runId) ?? follow(runId))
    await Promise.all(followed.map((following) => following.catchUp()))
    if (isClosed) return
    plan = next
    change()
    for (const { runId, end } of next.runs) {
      // Behind a slow file system a frozen run may still have to arrive.
      if (end && (next.ended || hasAll(records.get(runId), end))) followings.get(runId)?.close()
    }
  }

  function findSegment(runId: string, variant: string, number: number): MediaSegment | null {
    const span = timeline.spans.find((candidate) => candidate.runId === runId)
    return span ? findMedia(span, variant, number) : null
  }

  function checkStarted(): boolean {
    started ||= isStarted(timeline)
    return started
  }

  return {
    classId,
    holds,
    plan: () => plan,
    timeline: () => timeline,
    applyPlan(next) {
      applying = applying.then(() => apply(next))
      return applying
    },
    run: (runId) => records.get(runId),
    playlist: (variant, form) =>
      render(`${form} ${variant}`, () => renderMediaPlaylist(timeline, variant, form)),
    multivariant: () => (checkStarted() ? render('multivariant', () => renderMultivariant(timeline)) : null),
    isStarted: checkStarted,
    findSegment,
    findWhole(runId, variant, number) {
      const segment = findSegment(runId, variant, number)
      return segment && segment.msn < findEdge(timeline, variant).nextMsn ? segment : null
    },
    isHinted(runId, variant, number, part) {
      const hint = findHint(timeline, variant)
      return hint?.runId === runId && hint.number === number && hint.part === part
    },
    close() {
      isClosed = true
      for (const following of followings.values()) following.close()
      holds.close()
    },
  }
}

function hasAll(run: RunRecord | undefined, end: NonNullable<PlannedRun['end']>): boolean {
  if (end.segments === 0) return true
  const variants = [...(run?.variants.values() ?? [])]
  return variants.some(({ segments }) => (segments.get(end.segments - 1)?.parts.length ?? 0) >= end.lastParts)
}

function readLine(run: RunRecord, text: string): string | null {
  const parsed = parseJournalLine(text)
  switch (parsed.kind) {
    case 'line':
      return recordLine(run, parsed.line)
    case 'unknown':
      return null
    case 'garbage':
      return 'garbage in the journal'
  }
}

/** A disk that fails says so at every poll. */
function once<Argument>(report: (argument: Argument) => void): (argument: Argument) => void {
  let done = false
  return (argument) => {
    if (done) return
    done = true
    report(argument)
  }
}
