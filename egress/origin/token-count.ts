/** Counts by token what a viewer has open, so that nobody has that without end. */
export type TokenCount = {
  /** Null: counted. Otherwise which limit one more would break. A null holder counts in the total only. */
  count(holder: string | null): 'token' | 'total' | null
  release(holder: string | null): void
  total(): number
}

export function createTokenCount(perToken: number, inAll = Number.POSITIVE_INFINITY): TokenCount {
  const counts = new Map<string, number>()
  let total = 0
  return {
    count(holder) {
      const count = holder === null ? 0 : (counts.get(holder) ?? 0)
      if (count >= perToken) return 'token'
      if (total >= inAll) return 'total'
      if (holder !== null) counts.set(holder, count + 1)
      total += 1
      return null
    },
    release(holder) {
      total -= 1
      if (holder === null) return
      const count = (counts.get(holder) ?? 1) - 1
      if (count === 0) counts.delete(holder)
      else counts.set(holder, count)
    },
    total: () => total,
  }
}
