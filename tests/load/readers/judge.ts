import { createHash } from 'node:crypto'
import { mergeDelta, type ReadPlaylist, readMediaPlaylist } from '../../protocol-checks/media-playlist'
import { checkMultivariant } from '../../protocol-checks/multivariant-validator'
import { checkPlaylist, checkReload } from '../../protocol-checks/playlist-validator'
import { readByOthers } from '../../protocol-checks/public-parsers'
import { areWholeBoxes } from './boxes'
import type { Faults } from './messages'

/** A whole playlist as a reader has it, and which one that is. */
export type Version = { key: string; playlist: ReadPlaylist }

/** Judges what readers get, each thing once: the same text, the same step and the same bytes are the same verdict. */
export type Judge = {
  faults: Faults
  problems: string[]
  versions(): number
  fault(kind: keyof Faults, what: string): void
  multivariant(text: string): void
  /** The playlist that a text makes of what the reader had; null if it is none, or needs more than that. */
  playlist(text: string, before: Version | null): Version | null
  /** A playlist without a reader. */
  text(text: string): void
  media(name: string, bytes: Buffer): void
}

const PROBLEMS_KEPT = 40
/** Steps from one version to the next are common to readers that are as fast as each other. */
const STEPS_KEPT = 2_000

export function createJudge(): Judge {
  const faults: Faults = { illegal: 0, torn: 0, missing: 0, goingBack: 0, stuck: 0 }
  const problems: string[] = []
  const judged = new Set<string>()
  const steps = new Map<string, Version | null>()
  const bytesOf = new Map<string, string>()

  function fault(kind: keyof Faults, what: string) {
    faults[kind] += 1
    if (problems.length < PROBLEMS_KEPT) problems.push(`${kind}: ${what}`)
  }

  function judge(key: string, text: string, playlist: ReadPlaylist) {
    if (judged.has(key)) return
    judged.add(key)
    const where = playlist.segments.at(-1)?.map
    for (const problem of [...checkPlaylist(playlist), ...readByOthers(text)])
      fault('illegal', `${problem} (${where})`)
  }

  function read(text: string): ReadPlaylist | null {
    try {
      return readMediaPlaylist(text)
    } catch (problem) {
      fault('illegal', `${String(problem)}: ${text.slice(0, 80)}`)
      return null
    }
  }

  function step(text: string, textKey: string, before: Version | null): Version | null {
    const raw = read(text)
    if (!raw) return null
    judge(textKey, text, raw)
    if (raw.skipped === 0) return succeed(before, { key: textKey, playlist: raw })
    if (!before) return null
    const playlist = mergeDelta(before.playlist, raw)
    // More was skipped than this reader had: it must ask for the whole.
    if (playlist.skipped > 0) return null
    for (const problem of checkPlaylist(playlist)) fault('illegal', `merged: ${problem}`)
    return succeed(before, { key: `${textKey} merged`, playlist })
  }

  function succeed(before: Version | null, after: Version): Version {
    if (!before) return after
    for (const problem of checkReload(before.playlist, after.playlist)) fault('illegal', problem)
    const [was, is] = [toPlace(before.playlist), toPlace(after.playlist)]
    if (was.some((value, index) => (is[index] ?? 0) < value)) {
      fault('goingBack', `${was.join()} -> ${is.join()}`)
    }
    return after
  }

  return {
    faults,
    problems,
    versions: () => judged.size,
    fault,
    multivariant(text) {
      const key = toKey(text)
      if (judged.has(key)) return
      judged.add(key)
      for (const problem of [...checkMultivariant(text), ...readByOthers(text)]) {
        fault('illegal', `multivariant: ${problem}`)
      }
    },
    playlist(text, before) {
      const textKey = toKey(text)
      const key = `${before?.key} ${textKey}`
      const known = steps.get(key)
      if (known !== undefined) return known
      const made = step(text, textKey, before)
      steps.set(key, made)
      const oldest = steps.keys().next().value
      if (steps.size > STEPS_KEPT && oldest !== undefined) steps.delete(oldest)
      return made
    },
    text(text) {
      const raw = read(text)
      if (raw) judge(toKey(text), text, raw)
    },
    media(name, bytes) {
      const key = toKey(bytes)
      const before = bytesOf.get(name)
      if (before === key) return
      if (before !== undefined) return fault('torn', `${name} has other bytes than before`)
      bytesOf.set(name, key)
      if (!areWholeBoxes(bytes)) fault('torn', `${name} is not whole boxes`)
    },
  }
}

const toKey = (content: string | Buffer) => createHash('sha1').update(content).digest('base64url')

/** What never goes back: first segment, first discontinuity, and how far the edge is, in segments and parts. */
function toPlace({ firstMsn, firstDsn, segments }: ReadPlaylist): number[] {
  const last = segments.at(-1)
  const whole = last?.whole ? 1 : 0
  const edge = last ? (last.msn + whole) * 1000 + (whole ? 0 : last.parts.length) : 0
  return [firstMsn, firstDsn, edge]
}
