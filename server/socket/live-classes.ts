import type { ClassLogs } from '../log/class-logs'
import { type LiveClass, type LiveClassDeps, openLiveClass } from './live-class'
import {
  createPlaybackReports,
  createPlaybackSummaries,
  type PlaybackReports,
  type PlaybackSummaries,
  type PlaybackSummary,
} from './playback-health'

/** A class stays open here after its last socket, so that whoever reloads alone is resumed and not told everything. */
const LINGER_MS = 60_000
/** Staff see the numbers every second: as fresh as that, at the cost of one small message a process. */
const SUMMARY_MS = 1000

const PLAYBACK = 'playback:summary'

/** `reports`: what the viewers of this process say. */
export type OpenClass = { live: LiveClass; reports: PlaybackReports }

/** There is no such class, or it cannot be had at the moment. */
export type NotOpen = 'unknown_class' | 'unavailable'

export type LiveClasses = {
  open(classId: string): Promise<OpenClass | NotOpen>
  find(classId: string): OpenClass | undefined
  all(): Iterable<OpenClass>
  close(): void
}

export type LiveClassesDeps = Omit<LiveClassDeps, 'playback' | 'onClosed'> & {
  logs: Pick<ClassLogs, 'find' | 'publishToProcesses' | 'onProcessMessage'>
}

/** The classes that have sockets in this process: opened with the first one, closed some time after the last. */
export function createLiveClasses({ logs, ...deps }: LiveClassesDeps): LiveClasses {
  const open = new Map<string, OpenClass & { summaries: PlaybackSummaries; emptySince: number | null }>()
  const opening = new Map<string, Promise<OpenClass | NotOpen>>()

  async function openNew(classId: string): Promise<OpenClass | NotOpen> {
    const followed = await logs.find(classId)
    if (typeof followed === 'string') return followed
    const summaries = createPlaybackSummaries()
    const live = await openLiveClass(followed, {
      ...deps,
      playback: summaries,
      onClosed: () => open.delete(classId),
    })
    if (live.isClosed) return 'unavailable'
    const entry = { live, reports: createPlaybackReports(), summaries, emptySince: null }
    open.set(classId, entry)
    return entry
  }

  function tick() {
    const now = deps.now()
    const summaries: [string, PlaybackSummary][] = []
    for (const [classId, entry] of open) {
      const summary = entry.reports.summarize(now)
      if (summary.viewers > 0) summaries.push([classId, summary])
      entry.emptySince = entry.live.isEmpty ? (entry.emptySince ?? now) : null
      if (entry.emptySince !== null && entry.emptySince + LINGER_MS < now) entry.live.close('draining')
    }
    if (summaries.length === 0) return
    logs.publishToProcesses(PLAYBACK, summaries).catch((err: unknown) => {
      deps.logger.warn({ err }, 'other processes could not be told how our viewers are')
    })
  }

  const timer = setInterval(tick, SUMMARY_MS)
  timer.unref()
  const stop = logs.onProcessMessage(PLAYBACK, (message, from) => {
    for (const [classId, summary] of message as [string, PlaybackSummary][]) {
      open.get(classId)?.summaries.hear(from, summary, deps.now())
    }
  })

  return {
    open(classId) {
      const known = open.get(classId)
      if (known) {
        // Somebody is on their way in.
        known.emptySince = null
        return Promise.resolve(known)
      }
      const pending = opening.get(classId) ?? openNew(classId).finally(() => opening.delete(classId))
      opening.set(classId, pending)
      return pending
    },
    find: (classId) => open.get(classId),
    all: () => open.values(),
    close() {
      clearInterval(timer)
      stop()
      for (const { live } of [...open.values()]) live.close('draining')
    },
  }
}
