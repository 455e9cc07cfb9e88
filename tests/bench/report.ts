/** One line of `npm run bench`. */
export type Line = {
  bench: string
  metric: string
  value: number
  unit: 'ms' | 's' | 'us' | '1/s' | 'cores' | 'bytes' | 'count' | 'share'
  peer?: string
  ratio?: number
}

export function report(line: Line): void {
  console.log(JSON.stringify({ ...line, value: Math.round(line.value * 1000) / 1000 }))
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
