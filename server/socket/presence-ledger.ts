/** What a process says about its people of one class. `n` counts its messages, so that a lost one is noticed. */
export type PresenceReport = { n: number } & (
  | { kind: 'edges'; online: readonly string[]; offline: readonly string[] }
  | { kind: 'all'; online: readonly string[] }
  | { kind: 'alive' }
)

export type PresenceLedger = {
  /** `ask`: something was missed, the process has to tell everything. */
  hear(from: string, report: PresenceReport, now: number): 'understood' | 'ask'
  isOnline(personId: string, now: number): boolean
  /**
   * Those of `present` (who are in the class by its log) whom no living process has had for longer than the grace.
   * Whoever is missed for the first time gets the whole grace from now: after a join by HTTP, too.
   */
  findGone(present: Iterable<string>, now: number): string[]
}

export type PresenceLimits = {
  graceMs: number
  /** A process that says nothing for this long is dead, and its sockets with it. */
  silenceMs: number
}

/** Who of one class is online where, as its leader knows it. `self`: the leader's own name among the processes. */
export function createPresenceLedger(self: string, limits: PresenceLimits): PresenceLedger {
  /** `whole`: no message of theirs was lost since they last told everything. */
  const processes = new Map<string, { n: number; heardAt: number; people: Set<string>; whole: boolean }>()
  const missedSince = new Map<string, number>()

  function living(now: number) {
    for (const [from, process] of processes) {
      if (process.heardAt + limits.silenceMs < now) processes.delete(from)
    }
    return processes
  }

  function isOnline(personId: string, now: number): boolean {
    for (const process of living(now).values()) if (process.people.has(personId)) return true
    return false
  }

  return {
    hear(from, report, now) {
      if (report.kind === 'all') {
        processes.set(from, { n: report.n, heardAt: now, people: new Set(report.online), whole: true })
        return 'understood'
      }
      const process = processes.get(from) ?? { n: 0, heardAt: now, people: new Set<string>(), whole: true }
      processes.set(from, process)
      const lost = report.n !== process.n + (report.kind === 'edges' ? 1 : 0)
      process.n = report.n
      process.heardAt = now
      if (lost) process.whole = false
      // Applied after a loss, too: better somebody too many than somebody thrown out by a lost message.
      if (report.kind === 'edges') {
        for (const personId of report.online) process.people.add(personId)
        for (const personId of report.offline) process.people.delete(personId)
      }
      return lost || (report.kind === 'alive' && !process.whole) ? 'ask' : 'understood'
    },
    isOnline,
    findGone(present, now) {
      // Without even our own messages the bus is broken, and nobody's absence means anything.
      if (!living(now).has(self)) {
        missedSince.clear()
        return []
      }
      const gone: string[] = []
      const missed = new Set<string>()
      for (const personId of present) {
        if (isOnline(personId, now)) continue
        missed.add(personId)
        const since = missedSince.get(personId) ?? now
        missedSince.set(personId, since)
        if (since + limits.graceMs <= now) gone.push(personId)
      }
      for (const personId of missedSince.keys()) if (!missed.has(personId)) missedSince.delete(personId)
      return gone
    },
  }
}
