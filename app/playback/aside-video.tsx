import { useEffect, useRef, useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { playAside } from './aside-player'
import { evolveAsideRoom, roomAtFirst } from './aside-step'
import { BROADCAST_ELEMENT } from './broadcast-video'
import { hlsIsSupported } from './hls-engine'
import type { Player } from './player'
import { usePlayer } from './use-player'

/** The player tells of what changes; this is for calm, which changes nothing. */
const LOOK_EVERY_MS = 500
/** Where it stands on the first picture: pressed, it gives way to the next corner. */
const CORNERS = ['end-end', 'start-end', 'start-start', 'end-start'] as const

/** The second picture of the class, small and without sound: hidden when there is none, or no room on the link. */
export function AsideVideo({ player, findUrl }: { player: Player; findUrl(): string | null }) {
  const m = useMessages()
  const element = useRef<HTMLVideoElement>(null)
  const shown = useAffordable(player)
  const [corner, setCorner] = useState(0)
  /** An empty frame is no picture. */
  const [loaded, setLoaded] = useState(false)
  useEffect(() => {
    const main = document.getElementById(BROADCAST_ELEMENT)
    setLoaded(false)
    if (!shown || !element.current || !(main instanceof HTMLVideoElement)) return
    return playAside(element.current, main, player, findUrl)
  }, [shown, player, findUrl])
  if (!shown) return null
  return (
    <button
      type="button"
      className="aside"
      data-corner={CORNERS[corner]}
      data-loaded={loaded}
      aria-label={m.playback.moveAside}
      onClick={() => setCorner((corner + 1) % CORNERS.length)}
    >
      <video
        ref={element}
        aria-label={m.playback.aside}
        playsInline
        muted
        onLoadedData={() => setLoaded(true)}
      />
    </button>
  )
}

/** There is somebody to be seen beside, and room for it on the link. */
function useAffordable(player: Player): boolean {
  const exists = usePlayer(player, (state) => state.picture?.aside != null)
  const [room, setRoom] = useState(false)
  useEffect(() => {
    let now = roomAtFirst(performance.now())
    const look = () => {
      const { phase, carried, targetMs } = player.read()
      const standing = phase === 'stalled' || phase === 'recovering'
      now = evolveAsideRoom(now, { at: performance.now(), standing, carried, targetMs })
      setRoom(now.room)
    }
    look()
    const unsubscribe = player.subscribe(look)
    const timer = setInterval(look, LOOK_EVERY_MS)
    return () => {
      unsubscribe()
      clearInterval(timer)
    }
  }, [player])
  return hlsIsSupported() && exists && room
}
