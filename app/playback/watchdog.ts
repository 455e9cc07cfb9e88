/** Looks at a player that should play: its time and its pictures must both go on. */
export type Watch = {
  position: number
  loadedUntil: number
  movedAt: number
  frames: number
  framesAt: number
}
export type Watched = {
  at: number
  position: number
  aheadSeconds: number
  /** It waits for data: what comes in slowly is a sign of life then. */
  dry: boolean
  /** Pictures decoded so far; null where none are to be expected: sound only, or a page that nobody sees. */
  frames: number | null
}
export type Finding = 'fine' | 'stands' | 'stuck'

/** hls.js gets out of its own stalls in less. */
export const STUCK_MS = 8_000
/** A class without a picture sends one every few seconds, so that time goes on. */
export const NO_PICTURE_MS = 12_000

export const firstWatch = (at: number): Watch => ({
  position: -1,
  loadedUntil: -1,
  movedAt: at,
  frames: -1,
  framesAt: at,
})

/** A jump is no sign of life. */
export const afterJump = (watch: Watch, position: number): Watch => ({ ...watch, position })

export function evolveWatch(watch: Watch, seen: Watched): { watch: Watch; finding: Finding } {
  const moved = seen.position !== watch.position
  const pictured = seen.frames === null || seen.frames !== watch.frames
  const loadedUntil = seen.position + seen.aheadSeconds
  const loading = seen.dry && seen.aheadSeconds > 0 && loadedUntil > watch.loadedUntil
  const next: Watch = {
    position: seen.position,
    loadedUntil,
    movedAt: moved || loading ? seen.at : watch.movedAt,
    frames: seen.frames ?? watch.frames,
    framesAt: pictured ? seen.at : watch.framesAt,
  }
  const stuck = seen.at - next.movedAt > STUCK_MS || seen.at - next.framesAt > NO_PICTURE_MS
  return { watch: next, finding: stuck ? 'stuck' : moved ? 'fine' : 'stands' }
}
