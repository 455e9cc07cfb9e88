import { decideAsideStep } from './aside-step'
import { createHlsEngine } from './hls-engine'
import type { Player } from './player'

/** In step to a tenth of a second takes a look more often than that changes. */
const TICK_MS = 200
/** A second picture that failed is tried again, without haste: the first one is what counts. */
const RETRY_MS = 5_000

/**
 * Plays the second picture into `video`, in step with the first, until the returned function is called. The address
 * holds a token: it is asked for at every try.
 */
export function playAside(
  video: HTMLVideoElement,
  main: HTMLVideoElement,
  player: Player,
  findUrl: () => string | null,
): () => void {
  let jumpedAt = Number.NEGATIVE_INFINITY
  let retry: ReturnType<typeof setTimeout> | undefined
  let engine = open()

  function open() {
    const opened = createHlsEngine(
      video,
      { failed, renditions: () => undefined },
      { showing: 'live', startLow: true },
    )
    const url = findUrl()
    if (url) opened.load(url)
    else failed()
    return opened
  }

  function failed(): void {
    clearTimeout(retry)
    retry = setTimeout(() => {
      engine.destroy()
      engine = open()
    }, RETRY_MS)
  }

  function tick(): void {
    const wanted = player.playingDate()
    if (wanted === null) return
    // Moves when the first picture moves.
    const moving = player.read().phase === 'playing'
    if (moving && video.paused) void video.play().catch(() => undefined)
    else if (!moving && !video.paused) video.pause()
    const own = engine.dateAt(video.currentTime)
    if (own === null || video.seeking) return
    const at = performance.now()
    const aheadMs = own - wanted
    video.dataset.aheadMs = String(Math.round(aheadMs))
    const step = decideAsideStep({
      aheadMs,
      mainRate: main.playbackRate,
      sinceJumpMs: at - jumpedAt,
    })
    if (step.kind === 'rate') {
      if (video.playbackRate !== step.rate) video.playbackRate = step.rate
      return
    }
    const position = engine.positionOf(wanted)
    if (position === null) return
    jumpedAt = at
    video.currentTime = position
  }

  const timer = setInterval(tick, TICK_MS)
  return () => {
    clearInterval(timer)
    clearTimeout(retry)
    engine.destroy()
  }
}
