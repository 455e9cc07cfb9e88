import { useEffect } from 'react'
import { useClassStore } from '~/class-state/use-class'
import type { Player } from './player'

const REPORT_EVERY_MS = 10_000
/** What the gateway takes: a day, and more stalls than ten seconds can hold. */
const DELAY_LIMIT_MS = 24 * 3_600_000
const STALLS_LIMIT = 10_000

/** Tells the staff's "Class health" how this viewer sees the broadcast. */
export function usePlaybackReport(player: Player | null): void {
  const store = useClassStore()
  useEffect(() => {
    if (!player) return
    const timer = setInterval(() => {
      const { delayMs, following } = player.read()
      if (delayMs === null) return
      const { stalls, level } = player.takeReport()
      void store.command('playback:report', {
        delayMs: Math.min(DELAY_LIMIT_MS, Math.max(0, delayMs)),
        stalls: Math.min(STALLS_LIMIT, stalls),
        level,
        following,
      })
    }, REPORT_EVERY_MS)
    return () => clearInterval(timer)
  }, [player, store])
}
