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
const JUMP_PAUSE_MS = 2_000

export function decideAsideStep({ aheadMs, mainRate, sinceJumpMs }: AsideSituation): AsideStep {
  const offMs = Math.abs(aheadMs)
  if (offMs > FAR_MS && sinceJumpMs > JUMP_PAUSE_MS) return { kind: 'jump' }
  if (offMs <= IN_STEP_MS) return { kind: 'rate', rate: mainRate }
  // Half of the distance in a second.
  const correction = Math.max(-MOST_CORRECTION, Math.min(MOST_CORRECTION, -aheadMs / 2_000))
  return { kind: 'rate', rate: Math.round((mainRate + correction) * 100) / 100 }
}

type Need = {
  /** Somebody is to be seen in the second picture at the date of the first. */
  exists: boolean
  carried: 'picture' | 'sound' | 'sound-weak'
  targetMs: number | null
  sinceStallMs: number
}

/** From there on the network is too bad for two pictures. */
const MOST_TARGET_MS = 2_600
const CALM_MS = 30_000

/** The second picture is what is dropped first, and what comes back last. */
export function affordsAside({ exists, carried, targetMs, sinceStallMs }: Need): boolean {
  return exists && carried === 'picture' && (targetMs ?? 0) <= MOST_TARGET_MS && sinceStallMs > CALM_MS
}
