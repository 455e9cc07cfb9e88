/** Who has something open: a viewer, known by their token, or all who share the token of a class. */
export type Holder = { kind: 'viewer' | 'class'; id: string }

/** Counts by holder what is open, so that nobody has that without end. */
export type TokenCount = {
  /** Null: counted. Otherwise which limit one more would break. */
  count(holder: Holder): 'holder' | 'total' | null
  release(holder: Holder): void
  total(): number
}

export function createTokenCount(
  most: Readonly<Record<Holder['kind'], number>>,
  inAll = Number.POSITIVE_INFINITY,
): TokenCount {
  const counts = { viewer: new Map<string, number>(), class: new Map<string, number>() }
  let total = 0
  return {
    count({ kind, id }) {
      const count = counts[kind].get(id) ?? 0
      if (count >= most[kind]) return 'holder'
      if (total >= inAll) return 'total'
      counts[kind].set(id, count + 1)
      total += 1
      return null
    },
    release({ kind, id }) {
      total -= 1
      const count = (counts[kind].get(id) ?? 1) - 1
      if (count === 0) counts[kind].delete(id)
      else counts[kind].set(id, count)
    },
    total: () => total,
  }
}
