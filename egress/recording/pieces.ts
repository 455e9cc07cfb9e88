import type { BroadcastPlan } from '../plan'
import { isRecorded, NOMINAL_SEGMENT_MS } from '../recorded'
import type { KeptRun, KeptSegment } from './run-journal'

/** Segments of one run that play without a break and share their init segment: what ffmpeg reads as one file. */
export type Piece = {
  runId: string
  init: { file: string; size: number }
  segments: { file: string; size: number }[]
  seconds: number
}

/** The picture with the sound; a run without one has only its sound. */
const PREFERRED = ['main', 'audio']

/** What is recorded of a class, in its order. `isWhole`: whether a file still has so many bytes. */
export function toPieces(
  plan: BroadcastPlan,
  runs: ReadonlyMap<string, KeptRun>,
  isWhole: (runId: string, file: string, size: number) => boolean = () => true,
): Piece[] {
  const pieces: Piece[] = []
  for (const { runId, end } of plan.runs) {
    const run = runs.get(runId)
    if (!run) continue
    // A run that never was closed is taken for what its journal holds.
    const counted = end ?? { segments: run.starts.length, lastParts: Number.POSITIVE_INFINITY }
    let open: { piece: Piece; init: number; last: number } | null = null
    for (let number = 0; number < counted.segments; number++) {
      const segment = findSegment(run, number)
      const parts = segment?.parts.slice(0, number === counted.segments - 1 ? counted.lastParts : undefined)
      if (!segment || !parts?.length || !isKept(plan, run, number)) continue
      const init = findInit(run, segment)
      const size = parts.at(-1)?.endByte ?? 0
      // What the disk has lost is left out, and takes nothing else with it.
      if (!init || !isWhole(runId, init.file, init.size) || !isWhole(runId, segment.file, size)) continue
      const goesOn = open?.last === number - 1 && open.init === segment.init && !segment.discontinuity
      if (!open || !goesOn) {
        open = { piece: { runId, init, segments: [], seconds: 0 }, init: segment.init, last: number }
        pieces.push(open.piece)
      }
      open.last = number
      open.piece.segments.push({ file: segment.file, size })
      open.piece.seconds += parts.reduce((sum, { seconds }) => sum + seconds, 0)
    }
  }
  return pieces
}

/** Whether a segment is part of the recording: the same for all its variants. */
export function isKept({ recording }: BroadcastPlan, run: Pick<KeptRun, 'starts'>, number: number): boolean {
  if (!recording) return true
  const start = run.starts[number]
  if (start === undefined) return false
  const next = run.starts[number + 1] ?? start + NOMINAL_SEGMENT_MS
  return isRecorded(recording, start, next - start)
}

function findSegment(run: KeptRun, number: number): KeptSegment | undefined {
  for (const name of PREFERRED) {
    if (!run.variants.has(name)) continue
    return run.variants.get(name)?.segments.get(number)
  }
  return undefined
}

function findInit(run: KeptRun, segment: KeptSegment) {
  const name = PREFERRED.find((variant) => run.variants.has(variant)) ?? ''
  return run.variants.get(name)?.inits.get(segment.init)
}
