import { HELD_PER_TOKEN } from './limits'

/** Counts held requests by token, so that one viewer cannot hold connections without end. */
export function createHeldCount(limit = HELD_PER_TOKEN) {
  const counts = new Map<string, number>()
  let total = 0
  return {
    /** False: one more would be too many. A null holder is only counted in the total. */
    count(holder: string | null): boolean {
      const count = holder === null ? 0 : (counts.get(holder) ?? 0)
      if (count >= limit) return false
      if (holder !== null) counts.set(holder, count + 1)
      total += 1
      return true
    },
    release(holder: string | null) {
      total -= 1
      if (holder === null) return
      const count = (counts.get(holder) ?? 1) - 1
      if (count === 0) counts.delete(holder)
      else counts.set(holder, count)
    },
    total: () => total,
  }
}
