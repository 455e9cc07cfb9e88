import type { Engine } from './engine'
import { measureLink } from './measure-link'
import type { PlayerStore } from './player-state'
import {
  carriesPicture,
  evolveStrain,
  isAtHole,
  isTooWeak,
  isWell,
  noStrain,
  type Strain,
  tryPictureAfterMs,
} from './sound-fallback'

export type SoundSwitch = {
  /** `position`: of the element before anything was done about it, seconds. */
  look(now: { at: number; standing: boolean; position: number; engine: Engine }): void
  /** After another quality was chosen. True: what is loaded is the wrong one. */
  renew(): boolean
  end(): void
}

/** Who falls back to sound again this soon after a return returned too early. */
const RETURN_PROVED_MS = 60_000
/** Where the sound comes that fast, trying costs nothing: not more often than this, or it would stand in its way. */
const SOONEST_MS = 10_000

/** Picture or sound alone: as chosen and, with Auto, as the link allows. `reload` plays what `carried` says now. */
export function createSoundSwitch(store: PlayerStore, reload: () => void): SoundSwitch {
  let strain: Strain = noStrain
  /** The picture stands: where it began to, and how it was until then. */
  let stall: { position: number; before: Strain } | null = null
  let returns = 0
  let returnedAt = Number.NEGATIVE_INFINITY
  let tryAt = 0
  let triedAt = 0
  let measuring: AbortController | null = null

  const lowest = () => {
    const [first] = [...store.read().renditions].sort((a, b) => a.bitsPerSecond - b.bitsPerSecond)
    return first ?? null
  }

  function forget(): void {
    strain = noStrain
    stall = null
  }

  async function tryPicture(at: number): Promise<void> {
    const low = lowest()
    if (!low || measuring) return
    measuring = new AbortController()
    triedAt = at
    const { signal } = measuring
    const measured = await measureLink(low.url, signal)
    measuring = null
    if (signal.aborted || store.read().carried !== 'sound-weak') return
    if (measured === null || !carriesPicture(measured, low.bitsPerSecond)) {
      tryAt = at + tryPictureAfterMs(++returns)
      return
    }
    returnedAt = at
    forget()
    store.set({ carried: 'picture' })
    reload()
  }

  function fall(at: number): void {
    returns = at - returnedAt < RETURN_PROVED_MS ? returns + 1 : 0
    tryAt = at + tryPictureAfterMs(returns)
    triedAt = at
    store.set({ carried: 'sound-weak' })
    reload()
  }

  return {
    look({ at, standing, position, engine }) {
      const { quality, carried, sound } = store.read()
      if (quality.kind !== 'auto') return
      if (carried === 'sound-weak') {
        const well = isWell(engine.bitsPerSecond(), lowest()?.bitsPerSecond) && at >= triedAt + SOONEST_MS
        if ((at >= tryAt || well) && !standing) void tryPicture(at)
        return
      }
      if (standing) stall ??= { position, before: strain }
      strain = evolveStrain(strain, { at, standing })
      // Not the link's, which is known only when it is listed what follows.
      if (stall && isAtHole(engine.dateAt, stall.position)) strain = stall.before
      if (!standing) stall = null
      const low = lowest()
      if (!sound || !low) return
      const rendition = engine.rendition()
      const link = {
        standing,
        lowest: rendition === -1 || rendition === low.index,
        lowestBitsPerSecond: low.bitsPerSecond,
        measuredBitsPerSecond: engine.bitsPerSecond(),
        recentBitsPerSecond: engine.recentBitsPerSecond(),
      }
      if (isTooWeak(strain, link)) fall(at)
    },
    renew() {
      const { quality, carried } = store.read()
      const wanted = quality.kind === 'audio' ? 'sound' : 'picture'
      measuring?.abort()
      forget()
      if (carried === wanted) return false
      const loaded = carried === 'picture' ? 'picture' : 'sound'
      store.set({ carried: wanted })
      return loaded !== wanted
    },
    end: () => measuring?.abort(),
  }
}
