import { createHlsEngine, hlsIsSupported } from './hls-engine'
import { createNativeEngine, playsNatively } from './native-engine'
import { atFirst, createPlayerStore, type PlayerState } from './player-state'
import { keepQuality, type Quality, readQuality, startsLow } from './quality'
import { createSession, type Session, type SessionDependencies } from './session'

export type Player = {
  subscribe(listener: () => void): () => void
  read(): PlayerState
  attach(video: HTMLVideoElement): () => void
  /** Server time of what is seen, ms: also while paused, waiting or back in the past. Null before the first picture. */
  playingDate(): number | null
  goToLive(): void
  /** To a position of `span`, seconds. */
  seek(position: number): void
  /** Where the moment `date` (server time, ms) is; null: nowhere in what can be played. */
  positionOf(date: number): number | null
  setMuted(muted: boolean): void
  setPaused(paused: boolean): void
  setQuality(quality: Quality): void
  /** Stalls since this was asked last, and the rendition playing; null: there is nothing to play yet. */
  takeReport(): { stalls: number; level: number } | null
}

type Dependencies = Pick<SessionDependencies, 'findAddress' | 'now' | 'live'>

/** A player for one class, or its replay; it plays in the element that is attached. */
export function createPlayer(dependencies: Dependencies): Player {
  const storage = typeof localStorage === 'undefined' ? null : localStorage
  // A replay has the browser's own controls, with which nobody could choose another one.
  const quality: Quality = dependencies.live ? readQuality(storage) : { kind: 'auto' }
  const carried = quality.kind === 'audio' ? 'sound' : 'picture'
  const store = createPlayerStore({ ...atFirst, quality, carried })
  let session: Session | null = null

  return {
    subscribe: store.subscribe,
    read: store.read,
    attach(video) {
      const mine = createSession(video, toSessionDependencies(dependencies), store)
      session = mine
      const onOnline = () => mine.hurry()
      const onSeen = () => {
        if (document.visibilityState === 'visible') mine.wake()
      }
      window.addEventListener('online', onOnline)
      document.addEventListener('visibilitychange', onSeen)
      return () => {
        window.removeEventListener('online', onOnline)
        document.removeEventListener('visibilitychange', onSeen)
        mine.end()
        if (session === mine) session = null
      }
    },
    playingDate: () => session?.playingDate() ?? null,
    goToLive: () => session?.goToLive(),
    seek: (position) => session?.seek(position),
    positionOf: (date) => session?.engine()?.positionOf(date) ?? null,
    setMuted(muted) {
      store.set({ muted })
      session?.setMuted(muted)
    },
    setPaused: (paused) => session?.setPaused(paused),
    setQuality(chosen) {
      keepQuality(storage, chosen)
      store.set({ quality: chosen })
      session?.renewQuality()
    },
    takeReport: () => session?.takeReport() ?? null,
  }
}

function toSessionDependencies(dependencies: Dependencies): SessionDependencies {
  return {
    ...dependencies,
    createEngine(video, events, options) {
      if (hlsIsSupported()) return createHlsEngine(video, events, options)
      return playsNatively(video) ? createNativeEngine(video, events) : null
    },
    clock: () => performance.now(),
    random: Math.random,
    isPageVisible: () => document.visibilityState === 'visible',
    startLow: startsLow(Reflect.get(navigator, 'connection')),
  }
}
