/** What the page showed at one moment (this machine's clock, ms). */
export type PlaybackLook = {
  at: number
  position: number
  phase: string
  height: number
  rate: number
  aheadSeconds: number
  targetMs: number | null
  delayMs: number | null
}

/** Runs in the page: looks at the broadcast ten times a second until it is stopped. */
export function installPlaybackLog(): { stop(): PlaybackLook[] } {
  const looks: PlaybackLook[] = []
  const timer = setInterval(() => {
    const video = document.querySelector<HTMLVideoElement>('video[aria-label="Class broadcast"]')
    const around = video?.closest<HTMLElement>('[data-playback]')
    if (!video || !around) return
    const { buffered } = video
    const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : video.currentTime
    looks.push({
      at: Date.now(),
      position: video.currentTime,
      phase: around.dataset.playback ?? '',
      height: video.videoHeight,
      rate: video.playbackRate,
      aheadSeconds: end - video.currentTime,
      targetMs: around.dataset.targetMs === undefined ? null : Number(around.dataset.targetMs),
      delayMs: around.dataset.delayMs === undefined ? null : Number(around.dataset.delayMs),
    })
  }, 100)
  return {
    stop() {
      clearInterval(timer)
      return looks
    },
  }
}
