/** Chance that can be had again: the same seed gives the same row of numbers. */
export type Random = {
  /** At least 0, below 1. */
  next(): number
  between(least: number, most: number): number
  /** Waiting times of a Poisson process. */
  exponential(mean: number): number
  pick<T>(items: readonly T[]): T | undefined
}

/** mulberry32: 32 bits of state, good enough for a crowd. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    exponential: (mean) => -Math.log(1 - next()) * mean,
    pick: (items) => items[Math.floor(next() * items.length)],
  }
}
