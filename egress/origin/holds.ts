/** What became of a wait: it was worth it, it took too long, or the origin is going down. */
export type HoldOutcome = 'changed' | 'timeout' | 'closed'

export type Holds = {
  /** Waits until `isSettled`, which is asked after every change, or until `ms` have passed. */
  hold(key: string, isSettled: () => boolean, ms: number, signal: AbortSignal): Promise<HoldOutcome>
  /** Asks once for each key, however many wait for it. */
  settle(): void
  close(): void
  size(): number
}

type Group = { isSettled: () => boolean; waiting: Set<(outcome: HoldOutcome) => void> }

/** Held requests. All that wait for the same thing have the same `key`, and are released in one go. */
export function createHolds(): Holds {
  const groups = new Map<string, Group>()
  let size = 0

  function release(key: string, group: Group, outcome: HoldOutcome) {
    groups.delete(key)
    for (const resolve of group.waiting) resolve(outcome)
  }

  return {
    hold(key, isSettled, ms, signal) {
      if (isSettled()) return Promise.resolve('changed')
      const group = groups.get(key) ?? { isSettled, waiting: new Set() }
      groups.set(key, group)
      size += 1
      return new Promise((resolve) => {
        const finish = (outcome: HoldOutcome) => {
          if (!group.waiting.delete(finish)) return
          size -= 1
          clearTimeout(timer)
          signal.removeEventListener('abort', abort)
          if (group.waiting.size === 0 && groups.get(key) === group) groups.delete(key)
          resolve(outcome)
        }
        const abort = () => finish('closed')
        const timer = setTimeout(() => finish('timeout'), ms)
        group.waiting.add(finish)
        signal.addEventListener('abort', abort)
      })
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
