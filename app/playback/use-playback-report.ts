import { useEffect } from 'react'
import { useClassStore } from '~/class-state/use-class'
import { toPlaybackReport } from './playback-report'
import type { Player } from './player'

const REPORT_EVERY_MS = 10_000

/** Tells the staff's "Class health" how this viewer sees the broadcast. */
export function usePlaybackReport(player: Player | null): void {
  const store = useClassStore()
  useEffect(() => {
    if (!player) return
    const timer = setInterval(() => {
      const taken = player.takeReport()
      if (taken) void store.command('playback:report', toPlaybackReport(player.read(), taken))
    }, REPORT_EVERY_MS)
    return () => clearInterval(timer)
  }, [player, store])
}
