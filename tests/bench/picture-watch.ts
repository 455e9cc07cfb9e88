/** From one picture to the next that was not the same: moments on this machine's clock, ms. */
export type Standstill = { from: number; to: number }

/** Runs in the page: notes when the broadcast's picture stands for longer than `leastMs`, until it is stopped. */
export function installPictureWatch(leastMs: number): { stop(): { newestAt: number; still: Standstill[] } } {
  const still: Standstill[] = []
  let on = true
  let newestAt = Date.now()
  function look(video: HTMLVideoElement) {
    const now = Date.now()
    if (now - newestAt > leastMs) still.push({ from: newestAt, to: now })
    newestAt = now
    if (on) video.requestVideoFrameCallback(() => look(video))
  }
  const video = document.querySelector<HTMLVideoElement>('video[aria-label="Class broadcast"]')
  video?.requestVideoFrameCallback(() => look(video))
  return {
    stop() {
      on = false
      return { newestAt, still }
    },
  }
}
