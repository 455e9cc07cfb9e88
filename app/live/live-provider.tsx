import { RoomContext } from '@livekit/components-react'
import { Room } from 'livekit-client'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { joinClass } from '~/class-state/join-class'
import { useClass, useClassStore } from '~/class-state/use-class'
import { parseCapture } from './capture'
import { createLiveLink, type LinkState } from './live-link'
import { toRoomOptions } from './room-options'
import { showForTests } from './show-for-tests'

type Live = {
  state: LinkState
  /** Take the class over from this person's other window or device. */
  continueHere(): void
}
const LiveContext = createContext<Live>({ state: 'idle', continueHere: () => undefined })
export const useLive = () => useContext(LiveContext)

/** Connects to LiveKit while `mounted`: longer than the class wants it when the broadcast is not yet back. */
export function LiveProvider({ mounted, children }: { mounted: boolean; children: ReactNode }) {
  const store = useClassStore()
  const allowed = useClass(({ you }) => you?.livekit !== undefined)
  const [state, setState] = useState<LinkState>('idle')
  const [yielded, setYielded] = useState(false)
  const [room] = useState(() => new Room(toRoomOptions(parseCapture(captureWish()))))
  const stillAllowed = useRef(allowed)
  stillAllowed.current = allowed

  useEffect(() => showForTests(room), [room])

  useEffect(() => {
    if (!mounted || yielded) return
    const link = createLiveLink({
      room,
      onState(next) {
        setState(next)
        if (next === 'elsewhere') setYielded(true)
      },
      async findEntry(fresh) {
        if (!stillAllowed.current) return null
        const held = store.read().you?.livekit
        if (held && !fresh) return held
        const joined = await joinClass(store.classId, store.personId)
        return joined.ok ? (joined.answer.livekit ?? null) : null
      },
    })
    link.open()
    return () => link.close()
  }, [mounted, room, store, yielded])

  return (
    <LiveContext.Provider
      value={{ state: yielded ? 'elsewhere' : state, continueHere: () => setYielded(false) }}
    >
      <RoomContext.Provider value={room}>{children}</RoomContext.Provider>
    </LiveContext.Provider>
  )
}

function captureWish(): string | null {
  return new URLSearchParams(window.location.search).get('capture')
}
