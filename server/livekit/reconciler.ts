import type { FollowedClass } from '../log/followed-class'
import {
  type ClassReconciler,
  type CorrectionKind,
  createClassReconciler,
  type ReconcilerDeps,
} from './class-reconciler'

export type Reconciler = {
  /** Starts to look after the class whenever this process leads it. Attaching it again changes nothing. */
  attach(led: FollowedClass): void
  /** A webhook or a page says that something changed in that room; unknown classes are ignored. */
  nudge(classId: string): void
  /** How many corrections of each kind were made since the start: a metric. */
  readonly corrections: Readonly<Record<CorrectionKind, number>>
  close(): void
}

export type { CorrectionKind, ReconcilerDeps } from './class-reconciler'

/**
 * The third wall of seats and stage, behind the log and LiveKit's own ceiling: compares LiveKit's participants, their
 * permissions and roles with the log every few seconds, at every webhook and after every fact that changes rights, and
 * corrects LiveKit.
 */
export function createReconciler(deps: Omit<ReconcilerDeps, 'count'>): Reconciler {
  const classes = new Map<string, ClassReconciler>()
  const corrections: Record<CorrectionKind, number> = {
    rights: 0,
    remove: 0,
    mute: 0,
    joined: 0,
    gone: 0,
    pinned: 0,
    failed: 0,
  }
  const count = (kind: CorrectionKind) => {
    corrections[kind] += 1
  }
  return {
    attach(led) {
      if (classes.has(led.classId)) return
      const reconciler = createClassReconciler(led, { ...deps, count })
      classes.set(led.classId, reconciler)
      led.listen((event) => {
        if (event.kind === 'closed') classes.delete(led.classId)
      })
    },
    nudge: (classId) => classes.get(classId)?.nudge(),
    corrections,
    close() {
      for (const reconciler of classes.values()) reconciler.stop()
      classes.clear()
    },
  }
}
