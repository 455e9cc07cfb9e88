import type { Engine } from './engine'
import type { PlayerState, PlayerStore } from './player-state'

type Observed = { playingDate: number | null; targetSeconds: number | null }

/** How late the picture on show is, also while it stands. In tenths of a second: more is noise. */
export function observeDelay(store: PlayerStore, playingDate: number | null, serverNow: number): void {
  if (playingDate === null || store.read().phase === 'starting') return
  store.set({ delayMs: Math.round((serverNow - playingDate) / 100) * 100 })
}

/** Puts into the state what is seen: only what has changed, as the page renders from it. */
export function observe(video: HTMLVideoElement, engine: Engine, store: PlayerStore, now: Observed): void {
  const { playingDate, targetSeconds } = now
  const state = store.read()
  const range = engine.range()
  const span = range && { ...range, position: video.currentTime }
  const chapters = engine.chapters()
  const picture =
    playingDate === null ? null : (engine.pictures().findLast(({ at }) => at <= playingDate) ?? null)
  store.set({
    ...(targetSeconds !== null && { targetMs: Math.round(targetSeconds * 10) * 100 }),
    ...(!sameSpan(span, state.span) && { span }),
    height: state.carried === 'picture' ? video.videoHeight || null : null,
    ...(!sameChapters(chapters, state.chapters) && { chapters }),
    ...(picture?.at !== state.picture?.at && { picture }),
  })
}

/** Twice a second is often enough for a bar that is seconds to the pixel. */
function sameSpan(a: PlayerState['span'], b: PlayerState['span']): boolean {
  if (!a || !b) return a === b
  const near = (x: number, y: number) => Math.abs(x - y) < 0.5
  return near(a.start, b.start) && near(a.end, b.end) && near(a.position, b.position)
}

function sameChapters(a: PlayerState['chapters'], b: PlayerState['chapters']): boolean {
  return (
    a.length === b.length && a.every(({ at, name }, index) => at === b[index]?.at && name === b[index]?.name)
  )
}
