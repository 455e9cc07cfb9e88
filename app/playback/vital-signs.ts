import { toPhase } from './phase'
import type { PlayerStore } from './player-state'
import type { Repairs } from './repairs'
import { aheadOf } from './steering'
import { afterJump, evolveWatch, firstWatch } from './watchdog'

/** Whether the element's time and pictures go on, and in which phase the player is by that. */
export type VitalSigns = {
  /** `idle`: nothing is to be expected of it now. */
  look(at: number, idle: boolean): 'moving' | 'stands' | 'stuck'
  /** Tells the page. */
  show(moving: boolean, wantsPause: boolean): void
  /** What was seen before counts no more. */
  restart(): void
  /** It was put elsewhere, which is no sign of life. */
  jumped(): void
}

type Dependencies = {
  clock(): number
  /** Nobody decodes pictures for a page that is not seen. */
  isPageVisible(): boolean
}

/** HTMLMediaElement.readyState: there is more to play than the picture on show. */
const HAVE_FUTURE_DATA = 3

export function createVitalSigns(
  video: HTMLVideoElement,
  { clock, isPageVisible }: Dependencies,
  store: PlayerStore,
  repairs: Repairs,
): VitalSigns {
  let watch = firstWatch(clock())
  const isDry = () => video.readyState < HAVE_FUTURE_DATA

  return {
    look(at, idle) {
      const pictured = store.read().carried === 'picture' && isPageVisible()
      const evolved = evolveWatch(idle ? { ...watch, movedAt: at, framesAt: at } : watch, {
        at,
        position: video.currentTime,
        aheadSeconds: aheadOf(video),
        dry: isDry(),
        frames: pictured ? video.getVideoPlaybackQuality().totalVideoFrames : null,
      })
      watch = evolved.watch
      if (evolved.finding !== 'fine') return evolved.finding
      return video.seeking || isDry() ? 'stands' : 'moving'
    },
    show(moving, wantsPause) {
      const dry = isDry() && !video.seeking && repairs.hasShown()
      const { phase: before } = store.read()
      const signs = { before, ended: video.ended, wantsPause, moving, dry, trouble: repairs.trouble() }
      const phase = toPhase(signs)
      // A delay of a broadcast that is gone says nothing.
      store.set({ phase, ...(phase === 'starting' && { delayMs: null }) })
    },
    restart() {
      watch = firstWatch(clock())
    },
    jumped() {
      watch = afterJump(watch, video.currentTime)
    },
  }
}
