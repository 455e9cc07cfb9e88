import type { BroadcastPlan } from '../plan'
import { createHolds, type Holds } from './holds'
import { findHint, type PlaylistForm, renderMediaPlaylistBody } from './media-playlist'
import { renderMultivariant } from './multivariant-playlist'
import type { PartSource } from './part-source'
import { createPlaylistHistory, type PlaylistHistory } from './playlist-history'
import { type Rendered, toRendered, toRenderedText } from './rendered'
import { createRunJournals } from './run-journals'
import type { RunRecord } from './run-record'
import { findEdge, findMedia, type MediaSegment, type Timeline, toTimeline } from './timeline'
import { isStarted } from './variants'

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
  /** What cannot be served is listed no more: it becomes a gap. */
  markMissing(runId: string, file: string): void
  close(): void
}

export type BroadcastEvents = {
  onParts(run: RunRecord, isBacklog: boolean): void
  /** A run whose journal cannot be read on. Told once a run. */
  onProblem(runId: string, problem: unknown): void
  onRender(): void
}

export function createBroadcast(classId: string, source: PartSource, events: BroadcastEvents): Broadcast {
  const holds = createHolds()
  const histories = new Map<string, PlaylistHistory>()
  let plan: BroadcastPlan | null = null
  let planVersion = 0
  let timeline: Timeline = { ended: false, recorded: false, spans: [], variants: [], chapters: [] }
  let rendered = new Map<string, Rendered>()
  let multivariant: { shape: string; made: Rendered } | null = null
  let applying = Promise.resolve()
  let started = false
  let isClosed = false
  const journals = createRunJournals(classId, source, {
    onLines(run, isBacklog) {
      // A standby changes nothing that anybody sees.
      if (plan && !plan.runs.some(({ runId }) => runId === run.runId)) return events.onParts(run, isBacklog)
      // A frozen run that still arrives, or is read again, changes what is past.
      if (plan?.runs.some(({ runId, end }) => runId === run.runId && end)) histories.clear()
      change()
      events.onParts(run, isBacklog)
    },
    onProblem: events.onProblem,
  })

  function change() {
    if (!plan) return
    timeline = toTimeline(plan, journals.records, source.partless)
    rendered = new Map()
    holds.settle()
  }

  function historyOf(variant: string): PlaylistHistory {
    const found = histories.get(variant) ?? createPlaylistHistory(variant)
    histories.set(variant, found)
    return found
  }

  function render(key: string, make: () => Rendered): Rendered {
    const found = rendered.get(key)
    if (found) return found
    const made = make()
    rendered.set(key, made)
    events.onRender()
    return made
  }

  /** It changes with segments, not with parts. */
  function renderShape(): Rendered {
    const runs = timeline.spans.map(({ runId, record }) => `${runId} ${record?.shapeVersion}`)
    const shape = [planVersion, ...runs].join()
    if (multivariant?.shape !== shape) {
      multivariant = { shape, made: toRenderedText(renderMultivariant(timeline)) }
      events.onRender()
    }
    return multivariant.made
  }

  async function apply(next: BroadcastPlan) {
    await journals.catchUp([...next.runs, ...(next.standby ? [next.standby] : [])])
    if (isClosed) return
    if (JSON.stringify(plan?.runs) !== JSON.stringify(next.runs)) histories.clear()
    plan = next
    planVersion += 1
    // Only now: what comes to light is to be seen by this plan.
    journals.hold(next.closing)
    change()
    journals.release(next)
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
      const applied = applying.then(() => apply(next))
      applying = applied.catch(() => {})
      return applied
    },
    run: (runId) => journals.records.get(runId),
    playlist: (variant, form) =>
      render(`${form} ${variant}`, () =>
        toRendered(renderMediaPlaylistBody(timeline, variant, form, historyOf(variant))),
      ),
    multivariant: () => (checkStarted() ? renderShape() : null),
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
    markMissing(runId, file) {
      const run = journals.records.get(runId)
      if (!run || run.missing.has(file)) return
      run.missing.add(file)
      histories.clear()
      change()
    },
    close() {
      isClosed = true
      journals.close()
      holds.close()
    },
  }
}
