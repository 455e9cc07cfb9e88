import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Tape, TapePart } from './tape'

export type TapeWorker = {
  /** Writes the next part of every variant, and the end of the segment where there is one. False: the tape is over. */
  step(): boolean
  /** Steps until `segments` are whole and the next one has `parts`. */
  writeTo(segments: number, parts?: number): void
  /** A line as it stands, right or wrong. */
  writeRaw(text: string): void
  end(): void
  /** What the director would freeze the run at. */
  reached(): { segments: number; lastParts: number }
}

/** Plays a tape into a run's directory as the worker would: bytes first, then the line that speaks of them. */
export function createTapeWorker(
  root: string,
  classId: string,
  runId: string,
  tapes: Tape[],
  startPdt: number,
): TapeWorker {
  const dir = join(root, classId, runId)
  mkdirSync(dir, { recursive: true })
  const write = (line: object) => appendFileSync(join(dir, 'journal.ndjson'), `${JSON.stringify(line)}\n`)
  write({ t: 'run', v: 1, runId, classId, egressId: 'EG_tape', startedAt: startPdt })
  for (const { variant, init, codecs } of tapes) {
    const file = `${variant}-init-0.mp4`
    appendFileSync(join(dir, file), init)
    const picture = variant === 'audio' ? {} : { width: 320, height: 180, frameRate: 30 }
    write({ t: 'init', variant, init: 0, file, size: init.length, codecs, ...picture })
  }
  let segment = 0
  let part = 0
  const pdts = new Map(tapes.map(({ variant }) => [variant, startPdt]))

  function writePart({ variant }: Tape, { bytes, seconds, independent }: TapePart, offset: number) {
    const file = `${variant}-${segment}.m4s`
    appendFileSync(join(dir, file), bytes)
    const pdt = pdts.get(variant) ?? startPdt
    const head = part === 0 ? { init: 0, discontinuity: false } : {}
    const place = { segment, part, file, offset, size: bytes.length }
    write({ t: 'part', variant, ...place, duration: seconds, independent, pdt, ...head })
    pdts.set(variant, pdt + seconds * 1000)
  }

  function closeSegment({ variant }: Tape, parts: TapePart[]) {
    const duration = parts.reduce((sum, { seconds }) => sum + seconds, 0)
    const size = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const pdt = (pdts.get(variant) ?? startPdt) - duration * 1000
    const file = `${variant}-${segment}.m4s`
    write({ t: 'segment', variant, segment, init: 0, discontinuity: false, duration, size, file, pdt })
  }

  function step(): boolean {
    const current = tapes.map((tape) => ({ tape, parts: tape.segments[segment] ?? [] }))
    const longest = Math.max(...current.map(({ parts }) => parts.length))
    if (longest === 0) return false
    for (const { tape, parts } of current) {
      const next = parts[part]
      if (next) writePart(tape, next, sumBytes(parts.slice(0, part)))
    }
    part += 1
    if (part < longest) return true
    for (const { tape, parts } of current) closeSegment(tape, parts)
    segment += 1
    part = 0
    return true
  }

  return {
    step,
    writeTo(segments, parts = 0) {
      while (segment < segments || part < parts) {
        if (!step()) throw new Error('the tape is too short')
      }
    },
    writeRaw: (text) => appendFileSync(join(dir, 'journal.ndjson'), text),
    end: () => write({ t: 'end', reason: 'stopped' }),
    reached: () => {
      if (part > 0) return { segments: segment + 1, lastParts: part }
      const last = tapes.map((tape) => tape.segments[segment - 1]?.length ?? 0)
      return { segments: segment, lastParts: Math.max(...last) }
    },
  }
}

function sumBytes(parts: TapePart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
}
