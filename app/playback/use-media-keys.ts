import { useEffect } from 'react'
import type { Player } from './player'
import { usePlayer } from './use-player'

/** What one press of a headset's or keyboard's seek key goes. */
const SEEK_SECONDS = 10

/** Lock screen, headset and keyboard: the class by name, play and pause, and "next" for live (Media Session API). */
export function useMediaKeys(player: Player, title: string | undefined): void {
  const paused = usePlayer(player, (state) => state.phase === 'paused')
  useEffect(() => {
    if (!title || !('mediaSession' in navigator)) return
    const { mediaSession } = navigator
    mediaSession.metadata = new MediaMetadata({ title })
    const seekBy = (seconds: number) => {
      const { span } = player.read()
      if (span) player.seek(Math.min(span.end, Math.max(span.start, span.position + seconds)))
    }
    const actions: [MediaSessionAction, () => void][] = [
      ['play', () => player.setPaused(false)],
      ['pause', () => player.setPaused(true)],
      ['seekbackward', () => seekBy(-SEEK_SECONDS)],
      ['seekforward', () => seekBy(SEEK_SECONDS)],
      ['nexttrack', () => player.goToLive()],
    ]
    for (const [action, run] of actions) mediaSession.setActionHandler(action, run)
    return () => {
      mediaSession.metadata = null
      for (const [action] of actions) mediaSession.setActionHandler(action, null)
    }
  }, [player, title])
  useEffect(() => {
    if (!title || !('mediaSession' in navigator)) return
    navigator.mediaSession.playbackState = paused ? 'paused' : 'playing'
  }, [paused, title])
}
