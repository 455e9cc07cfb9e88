/** One line of `npm run bench`. */
export type Line = {
  bench: string
  metric: string
  value: number
  unit: 'ms' | 's' | 'us' | '1/s' | 'cores' | 'bytes' | 'count' | 'share'
  peer?: string
  ratio?: number
  /** The gate: of the ratio, where there is one, else of the value. */
  atMost?: number | undefined
  atLeast?: number | undefined
}

/** Tells it; a bench whose gate is missed fails at its end. A line with a gate and no number (NaN) misses it. */
export function report(line: Line): void {
  console.log(JSON.stringify({ ...line, value: Math.round(line.value * 1000) / 1000 }))
  if (isWithin(line)) return
  console.error(`missed: ${JSON.stringify(line)}`)
  process.exitCode = 1
}

function isWithin({ value, ratio = value, atMost, atLeast }: Line): boolean {
  if (atMost !== undefined && !(ratio <= atMost)) return false
  return atLeast === undefined || ratio >= atLeast
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
