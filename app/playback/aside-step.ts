/** What the second picture needs to be in step with the first, a few times a second. */
export type AsideSituation = {
  /** By how much the second picture is ahead of the first, ms; negative: behind. */
  aheadMs: number
  mainRate: number
  sinceJumpMs: number
}
export type AsideStep = { kind: 'rate'; rate: number } | { kind: 'jump' }

/** Lips and hands are seen to belong together within 100 ms: well below it nothing is done. */
const IN_STEP_MS = 30
/** More than this takes longer to correct by rate than a jump takes. */
const FAR_MS = 600
/** Nobody hears it: it may run faster than the sound could. */
const MOST_CORRECTION = 0.25
/** By then it has loaded what it jumped to. */
const JUMP_PAUSE_MS = 2_000

export function decideAsideStep({ aheadMs, mainRate, sinceJumpMs }: AsideSituation): AsideStep {
  const offMs = Math.abs(aheadMs)
  if (offMs > FAR_MS && sinceJumpMs > JUMP_PAUSE_MS) return { kind: 'jump' }
  if (offMs <= IN_STEP_MS) return { kind: 'rate', rate: mainRate }
  // Two thirds of the distance in a second.
  const correction = Math.max(-MOST_CORRECTION, Math.min(MOST_CORRECTION, -aheadMs / 1_000))
  return { kind: 'rate', rate: Math.round((mainRate + correction) * 100) / 100 }
}

/** How the link carries the first picture. */
type Look = {
  /** Steady clock, ms. */
  at: number
  /** The first picture waits for data. */
  standing: boolean
  carried: 'picture' | 'sound' | 'sound-weak'
  targetMs: number | null
}

/** Whether there is room for a second picture on the link, and since when that looks so. */
export type AsideRoom = {
  room: boolean
  standsSince: number | null
  calmSince: number
  droppedAt: number
  /** In a row, so that each return waits longer than the one before. */
  drops: number
}

/** From there on the network is too bad for two pictures. */
const MOST_TARGET_MS = 2_600
/** A cut or a late part says nothing about the link, and a picture that blinks disturbs. */
const BRIEF_MS = 1_000
/** An outage, or a broadcast that was started anew, is over when the first picture moves: soon there are two again. */
const CALM_MS = 3_000
/** A link that fails again and again: so long each time. */
const LONGEST_CALM_MS = 48_000
/** Dropped again within this, it came back too early. */
const PROVED_MS = 60_000

export const roomAtFirst = (at: number): AsideRoom => ({
  room: true,
  standsSince: null,
  calmSince: at,
  droppedAt: Number.NEGATIVE_INFINITY,
  drops: 0,
})

/** The second picture is what is dropped first, and what comes back last. */
export function evolveAsideRoom(now: AsideRoom, { at, standing, carried, targetMs }: Look): AsideRoom {
  const standsSince = standing ? (now.standsSince ?? at) : null
  const narrow = carried !== 'picture' || (targetMs ?? 0) > MOST_TARGET_MS
  const bad = narrow || (standsSince !== null && at - standsSince > BRIEF_MS)
  if (now.room) {
    if (!bad) return { ...now, standsSince, calmSince: at }
    const drops = at - now.droppedAt < PROVED_MS ? now.drops + 1 : 0
    return { room: false, standsSince, calmSince: at, droppedAt: at, drops }
  }
  const calmSince = bad || standing ? at : now.calmSince
  const room = at - calmSince >= Math.min(LONGEST_CALM_MS, CALM_MS * 2 ** now.drops)
  return { ...now, room, standsSince, calmSince }
}
