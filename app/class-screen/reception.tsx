import { createContext, type ReactNode, useContext, useEffect, useMemo, useReducer } from 'react'
import type { ClassStore } from '~/class-state/class-store'
import { joinClass } from '~/class-state/join-class'
import { useClass, useClassStore } from '~/class-state/use-class'
import {
  evolveHandOver,
  type HandOverEvent,
  nothingShown,
  type Picture,
  toMounted,
  type Wanted,
} from '~/live/hand-over'
import { LiveProvider } from '~/live/live-provider'
import { MediaProvider } from '~/live/media-provider'
import { createPlayer, type Player } from '~/playback/player'
import { usePlaybackReport } from '~/playback/use-playback-report'
import type { Access } from '../../server/protocol/events'
import { useSoundKept } from './sound-kept'

type Receives = {
  shown: Picture
  mounted: Wanted
  /** There while the broadcast is on the page. */
  player: Player | null
  /** Where the second picture is, with the token of the first. */
  findAside(): string | null
  livePlays(): void
  broadcastPlays(): void
  broadcastLost(): void
  /** Server time of what this person sees now: the picture's, or simply now. */
  sawAt(): number
}
const ReceptionContext = createContext<Receives | null>(null)

export function useReception(): Receives {
  const reception = useContext(ReceptionContext)
  if (!reception) throw new Error('useReception outside of Reception')
  return reception
}

/** How this person receives the class: over WebRTC, over the broadcast, and from one to the other without a gap. */
export function Reception({ children }: { children: ReactNode }) {
  const store = useClassStore()
  const live = useClass(({ you }) => you?.livekit !== undefined)
  const watch = useClass(({ you }) => you?.broadcast !== undefined)
  const wanted = useMemo<Wanted>(() => ({ live, broadcast: watch && !live }), [live, watch])
  const [handOver, dispatch] = useReducer(
    evolveHandOver,
    { type: 'wanted', wanted },
    (event: HandOverEvent) => evolveHandOver(nothingShown, event),
  )
  useEffect(() => dispatch({ type: 'wanted', wanted }), [wanted])
  const mounted = toMounted(handOver, wanted)
  const watching = useMemo(
    () => (mounted.broadcast ? createClassPlayer(store) : null),
    [mounted.broadcast, store],
  )
  const player = watching?.player ?? null
  usePlaybackReport(handOver.shown === 'broadcast' ? player : null)
  useSoundKept(handOver.shown, player)

  const value = useMemo<Receives>(
    () => ({
      shown: handOver.shown,
      mounted: { live: mounted.live, broadcast: mounted.broadcast },
      player,
      findAside: watching?.findAside ?? (() => null),
      livePlays: () => dispatch({ type: 'live-plays', wanted }),
      broadcastPlays: () => dispatch({ type: 'broadcast-plays', wanted }),
      broadcastLost: () => dispatch({ type: 'broadcast-lost' }),
      sawAt: () => (handOver.shown === 'broadcast' ? player?.playingDate() : null) ?? store.now(),
    }),
    [handOver.shown, mounted.live, mounted.broadcast, watching, player, wanted, store],
  )
  return (
    <ReceptionContext.Provider value={value}>
      <LiveProvider mounted={mounted.live}>
        <MediaProvider>{children}</MediaProvider>
      </LiveProvider>
    </ReceptionContext.Provider>
  )
}

type ClassPlayer = { player: Player; findAside(): string | null }

/** What was refused is asked for anew, for both pictures: one token opens both. */
function createClassPlayer(store: ClassStore): ClassPlayer {
  let given: Access['broadcast'] | null = null
  const findAddress = async (fresh: boolean) => {
    const held = store.read().you?.broadcast ?? null
    // What was refused may have been replaced by then.
    if (held && (!fresh || held.playlistUrl !== given?.playlistUrl)) given = held
    else {
      const joined = await joinClass(store.classId, store.personId)
      given = (joined.ok && joined.answer.broadcast) || null
    }
    return given?.playlistUrl ?? null
  }
  return {
    player: createPlayer({ live: true, now: store.now, findAddress }),
    findAside: () => given?.asideUrl ?? null,
  }
}
