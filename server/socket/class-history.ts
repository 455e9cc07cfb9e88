import { evolve } from '../classroom/evolve'
import { defaultSettings } from '../classroom/settings'
import { type ClassState, emptyClass } from '../classroom/state'
import type { Batch, FollowedClass, Head } from '../log/class-logs'
import { KEPT_FACTS, type Step } from './audience-timeline'

/** Replaying 10,000 facts takes tens of ms, once a class and process; a longer class is resumed from now on only. */
const REPLAY_LIMIT = 10_000

/** The latest steps of a class, for audiences that come later. They begin where `origin` says, without a hole. */
export type ClassHistory = {
  readonly origin: number
  readonly steps: readonly Step[]
  append(steps: readonly Step[]): void
  /** Facts of before `append` began, if they end exactly where it began. */
  prepend(steps: readonly Step[]): void
}

export function createClassHistory(origin: number): ClassHistory {
  let begin = origin
  let steps: Step[] = []
  function trim() {
    if (steps.length <= 2 * KEPT_FACTS) return
    begin = steps.at(-KEPT_FACTS - 1)?.fact.seq ?? begin
    steps = steps.slice(-KEPT_FACTS)
  }
  return {
    get origin() {
      return begin
    },
    get steps() {
      return steps
    },
    append(added) {
      steps.push(...added)
      trim()
    },
    prepend(earlier) {
      const [first] = earlier
      if (!first || earlier.at(-1)?.fact.seq !== begin) return
      begin = first.fact.seq - 1
      steps = [...earlier, ...steps]
      trim()
    },
  }
}

export function toSteps({ before, facts, states, after }: Batch): Step[] {
  return facts.map((fact, i) => ({
    before: i === 0 ? before : (states[i - 1] ?? before),
    fact,
    after: states[i] ?? after,
  }))
}

/**
 * What happened in the class before `head`, as far as its log has it from the first fact on; so a client that comes
 * from another process is resumed by one that begins to follow the class only now.
 */
export async function replaySteps(followed: FollowedClass, head: Head): Promise<Step[]> {
  if (head.seq > REPLAY_LIMIT) return []
  const facts = await followed.factsAfter(head.epoch, 0)
  if (facts?.[0]?.seq !== 1) return []
  const steps: Step[] = []
  let state: ClassState = emptyClass(followed.classId, defaultSettings)
  for (const fact of facts) {
    if (fact.seq > head.seq) break
    const after = evolve(state, fact)
    steps.push({ before: state, fact, after })
    state = after
  }
  return steps.slice(-KEPT_FACTS)
}
