/** What became of a wait: it was worth it, it took too long, or the origin is going down. */
export type HoldOutcome = 'changed' | 'timeout' | 'closed'

export type Holds = {
  /**
   * Waits until `isSettled`, which is asked after every change, or until `ms` have passed, and says once what became
   * of it. Returns what takes the wait back; then nothing is said.
   */
  hold(
    key: string,
    isSettled: () => boolean,
    ms: number,
    onOutcome: (outcome: HoldOutcome) => void,
  ): () => void
  /** Asks once for each key, however many wait for it. */
  settle(): void
  close(): void
  size(): number
}

type Waiting = { onOutcome: (outcome: HoldOutcome) => void; timer: NodeJS.Timeout }
type Group = { isSettled: () => boolean; waiting: Set<Waiting> }

/** Held requests. All that wait for the same thing have the same `key`, and are released in one go. */
export function createHolds(): Holds {
  const groups = new Map<string, Group>()
  let size = 0

  function release(key: string, group: Group, outcome: HoldOutcome) {
    groups.delete(key)
    for (const waiting of group.waiting) {
      clearTimeout(waiting.timer)
      size -= 1
    }
    for (const { onOutcome } of group.waiting) onOutcome(outcome)
    group.waiting.clear()
  }

  return {
    hold(key, isSettled, ms, onOutcome) {
      const group = groups.get(key) ?? { isSettled, waiting: new Set() }
      groups.set(key, group)
      const timer = setTimeout(() => {
        remove()
        onOutcome('timeout')
      }, ms)
      const waiting = { onOutcome, timer }
      group.waiting.add(waiting)
      size += 1
      function remove() {
        if (!group.waiting.delete(waiting)) return
        clearTimeout(timer)
        size -= 1
        if (group.waiting.size === 0 && groups.get(key) === group) groups.delete(key)
      }
      return remove
    },
    settle() {
      for (const [key, group] of groups) if (group.isSettled()) release(key, group, 'changed')
    },
    close() {
      for (const [key, group] of groups) release(key, group, 'closed')
    },
    size: () => size,
  }
}
