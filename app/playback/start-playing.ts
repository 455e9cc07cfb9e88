/**
 * Plays, muted if the browser wants a gesture for sound. False: it wants one for the picture too, as some phones that
 * save power do.
 */
export async function startPlaying(video: HTMLVideoElement): Promise<boolean> {
  try {
    await video.play()
    return true
  } catch (error) {
    // Anything else is of what is loaded, and told by its own events.
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return true
    if (video.muted) return false
    video.muted = true
    return startPlaying(video)
  }
}
