import { nextDeadline } from '../classroom/deadlines'
import { decide } from '../classroom/decide'
import { evolve } from '../classroom/evolve'
import { defaultSettings } from '../classroom/settings'
import { emptyClass } from '../classroom/state'
import { upcast } from '../classroom/upcast'

/** The pure core, as the log needs it: a parameter, so that a test can be an older or a newer Amphi. */
export type Rules = {
  decide: typeof decide
  evolve: typeof evolve
  upcast: typeof upcast
  nextDeadline: typeof nextDeadline
  emptyState(classId: string): ReturnType<typeof emptyClass>
  /** Of the state's shape. Raise it with every change of `ClassState`: checkpoints of another version are not used. */
  stateVersion: number
}

export const classRules: Rules = {
  decide,
  evolve,
  upcast,
  nextDeadline,
  emptyState: (classId) => emptyClass(classId, defaultSettings),
  stateVersion: 7,
}
