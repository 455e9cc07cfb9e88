import type { PlaybackHealth, PlaybackReport } from '../protocol/events'

/** Players report every 10 s: three reports missed and they are not watching any more. */
const REPORT_GOOD_MS = 30_000
/** What a process says of its viewers is good for this long; it says so every second. */
const SUMMARY_GOOD_MS = 5_000
/** Delays are counted in steps of 100 ms up to a minute; whoever is further behind is so on purpose. */
const STEP_MS = 100
const DELAY_LIMIT_MS = 60_000

/** Viewers of one process: those who stall or see nothing, and how many (`delays[i]`) are about `i * 100` ms behind live. */
export type PlaybackSummary = { viewers: number; stalled: number; delays: Record<number, number> }

export type PlaybackReports = {
  report(personId: string, report: PlaybackReport, now: number): void
  forget(personId: string): void
  summarize(now: number): PlaybackSummary
}

/** The newest report of each viewer of one process. */
export function createPlaybackReports(): PlaybackReports {
  const reports = new Map<string, PlaybackReport & { at: number }>()
  return {
    report: (personId, report, now) => void reports.set(personId, { ...report, at: now }),
    forget: (personId) => void reports.delete(personId),
    summarize(now) {
      const summary: PlaybackSummary = { viewers: 0, stalled: 0, delays: {} }
      for (const [personId, report] of reports) {
        if (report.at + REPORT_GOOD_MS < now) {
          reports.delete(personId)
          continue
        }
        summary.viewers += 1
        const { stalls, delayMs, following } = report
        if (stalls > 0 || (following && delayMs === undefined)) summary.stalled += 1
        // Who paused or went back says nothing about how far behind the broadcast is.
        if (!following || delayMs === undefined) continue
        const step = Math.round(Math.min(delayMs, DELAY_LIMIT_MS) / STEP_MS)
        summary.delays[step] = (summary.delays[step] ?? 0) + 1
      }
      return summary
    },
  }
}

export type PlaybackSummaries = {
  hear(from: string, summary: PlaybackSummary, now: number): void
  /** Over all processes; null: nobody reports. */
  toHealth(now: number): PlaybackHealth | null
}

/** What all processes say of their viewers of one class. */
export function createPlaybackSummaries(): PlaybackSummaries {
  const summaries = new Map<string, PlaybackSummary & { at: number }>()
  return {
    hear: (from, summary, now) => void summaries.set(from, { ...summary, at: now }),
    toHealth(now) {
      let viewers = 0
      let stalled = 0
      const delays = new Map<number, number>()
      for (const [from, summary] of summaries) {
        if (summary.at + SUMMARY_GOOD_MS < now) {
          summaries.delete(from)
          continue
        }
        viewers += summary.viewers
        stalled += summary.stalled
        for (const [step, count] of Object.entries(summary.delays)) {
          delays.set(Number(step), (delays.get(Number(step)) ?? 0) + count)
        }
      }
      if (viewers === 0) return null
      return { viewers, delayP50Ms: toMedian(delays) * STEP_MS, stalledShare: stalled / viewers }
    },
  }
}

function toMedian(counts: ReadonlyMap<number, number>): number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  let seen = 0
  for (const [step, count] of [...counts].sort(([a], [b]) => a - b)) {
    seen += count
    if (seen * 2 >= total) return step
  }
  return 0
}
