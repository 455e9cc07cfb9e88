import { useEffect } from 'react'
import { useClassStore } from '~/class-state/use-class'
import type { Player } from './player'

const REPORT_EVERY_MS = 10_000

/** Tells the staff's "Class health" how this viewer sees the broadcast. */
export function usePlaybackReport(player: Player | null): void {
  const store = useClassStore()
  useEffect(() => {
    if (!player) return
    const timer = setInterval(() => {
      const { delayMs, phase } = player.read()
      if (delayMs === null) return
      const following = phase !== 'paused' && phase !== 'ended'
      void store.command('playback:report', {
        delayMs: Math.max(0, delayMs),
        following,
        ...player.takeReport(),
      })
    }, REPORT_EVERY_MS)
    return () => clearInterval(timer)
  }, [player, store])
}
