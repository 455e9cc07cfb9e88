import { useEffect, useRef } from 'react'
import type { Picture } from '~/live/hand-over'
import type { Player } from '~/playback/player'

/**
 * Who heard the class hears it from the next picture, too. Not before that one is on show, or the class would be heard
 * twice; and only on a page that was touched, as browsers stop an element that becomes loud by itself.
 */
export function useSoundKept(shown: Picture, player: Player | null): void {
  const hears = useRef(false)
  useEffect(() => {
    if (shown === 'live') hears.current = true
    if (shown !== 'broadcast' || !player) return
    if (hears.current && navigator.userActivation?.hasBeenActive) player.setMuted(false)
    const note = () => {
      hears.current = !player.read().muted
    }
    note()
    return player.subscribe(note)
  }, [shown, player])
}
