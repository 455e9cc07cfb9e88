import type { Audience } from '../classroom/audience'
import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import { toClassView } from '../classroom/to-class-view'
import { toView } from '../classroom/to-view'

/** A fact between the states around it: what a view is made from. */
export type Step = { before: ClassState; fact: Fact; after: ClassState }

/** Reconnects come within minutes; 2,000 visible facts are more than a lively class makes in them, and under 1 MB. */
export const KEPT_FACTS = 2000

/**
 * What one audience of a class sees, numbered. Its `seq` is the number of the last fact visible to the audience; a
 * process that does not know it (it began to follow after that fact) takes the number at which it began: no visible
 * fact lies between the two, so a position of one process means the same in every other.
 */
export type AudienceTimeline = {
  readonly audience: Audience
  readonly seq: number
  /** The JSON of a `facts` frame for these steps; null: none of them is for this audience. */
  advance(steps: readonly Step[]): string | null
  /** The JSON of the `class` of a snapshot at `seq`; `state` is the state after the newest step. */
  toClassJson(state: ClassState): string
  /** The JSON of the `facts` frame that brings a client at `seq` here; null: not known any more, or never was. */
  resume(seq: number): string | null
}

/** `origin`: the number at which `steps` begin. */
export function createAudienceTimeline(
  audience: Audience,
  origin: number,
  steps: readonly Step[],
  keptFacts = KEPT_FACTS,
): AudienceTimeline {
  /** Facts numbered above this, and visible, are all in `kept`. */
  let floor = origin
  let seq = origin
  let head = origin
  let kept: { seq: number; json: string }[] = []
  let classJson: string | null = null

  function append(added: readonly Step[]): { seq: number; json: string }[] {
    const visible: { seq: number; json: string }[] = []
    for (const { before, fact, after } of added) {
      head = fact.seq
      const view = toView(fact, before, after, audience)
      if (view) visible.push({ seq: fact.seq, json: JSON.stringify(view) })
    }
    const last = visible.at(-1)
    if (!last) return visible
    seq = last.seq
    classJson = null
    kept.push(...visible)
    // Twice the number before anything is cut off, so that cutting costs little a fact.
    if (kept.length > 2 * keptFacts) {
      floor = kept.at(-keptFacts - 1)?.seq ?? floor
      kept = kept.slice(-keptFacts)
    }
    return visible
  }

  append(steps)
  return {
    audience,
    get seq() {
      return seq
    },
    advance(added) {
      const after = seq
      const visible = append(added)
      return visible.length === 0 ? null : toFactsJson(after, seq, visible)
    },
    toClassJson(state) {
      classJson ??= JSON.stringify(toClassView(state, audience))
      return classJson
    },
    resume(from) {
      if (from < floor || from > head) return null
      const missing = kept.slice(findFirstAfter(kept, from))
      return toFactsJson(from, seq, missing)
    },
  }
}

function toFactsJson(after: number, seq: number, facts: readonly { json: string }[]): string {
  return `{"after":${after},"seq":${seq},"facts":[${facts.map(({ json }) => json).join(',')}]}`
}

function findFirstAfter(facts: readonly { seq: number }[], seq: number): number {
  let low = 0
  let high = facts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((facts[middle]?.seq ?? 0) > seq) high = middle
    else low = middle + 1
  }
  return low
}
