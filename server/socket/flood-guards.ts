import { commandLimits, FloodGuard, type FloodLimits, type Verdict } from './flood-guard'

/** Between two looks for guards that nobody needs any more. */
const SWEEP_MS = 60_000

/** One guard a person and class, over all their sockets in this process; it outlives them, so that a block does. */
export type FloodGuards = {
  take(classId: string, personId: string, cost?: number): Verdict
  block(classId: string, personId: string): void
  blockedMs(classId: string, personId: string): number
  close(): void
}

export function createFloodGuards(now: () => number, limits: FloodLimits = commandLimits): FloodGuards {
  const guards = new Map<string, FloodGuard>()
  const keyOf = (classId: string, personId: string) => `${classId}/${personId}`
  function guardOf(classId: string, personId: string): FloodGuard {
    const key = keyOf(classId, personId)
    const guard = guards.get(key) ?? new FloodGuard(limits)
    guards.set(key, guard)
    return guard
  }
  const timer = setInterval(() => {
    for (const [key, guard] of guards) if (guard.isIdle(now())) guards.delete(key)
  }, SWEEP_MS)
  timer.unref()
  return {
    take: (classId, personId, cost) => guardOf(classId, personId).take(now(), cost),
    block: (classId, personId) => guardOf(classId, personId).block(now()),
    blockedMs: (classId, personId) => guards.get(keyOf(classId, personId))?.blockedMs(now()) ?? 0,
    close: () => clearInterval(timer),
  }
}
