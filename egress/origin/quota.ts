/** What is kept of a class, as far as the quota is concerned. Nobody knows whose it is: it is left alone. */
export type KeptClass = {
  classId: string
  kind: 'live' | 'unrecorded' | 'recorded' | 'unknown'
  bytes: number
  changedAt: number
}

/** Players at the edge of a class that ended come to its end, and a recording begins to be made. */
export const SETTLED_MS = 10 * 60_000

/**
 * Which classes go so that the rest fits, in that order: what was not recorded before what was, the oldest first,
 * never one that is on or has only just ended.
 */
export function chooseVictims(classes: readonly KeptClass[], quotaBytes: number, now: number): KeptClass[] {
  let excess = classes.reduce((sum, { bytes }) => sum + bytes, 0) - quotaBytes
  const victims: KeptClass[] = []
  for (const kind of ['unrecorded', 'recorded'] as const) {
    const candidates = classes.filter((kept) => kept.kind === kind && kept.changedAt < now - SETTLED_MS)
    for (const victim of candidates.toSorted((a, b) => a.changedAt - b.changedAt)) {
      if (excess <= 0) return victims
      victims.push(victim)
      excess -= victim.bytes
    }
  }
  return victims
}
