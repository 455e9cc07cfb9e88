import type { Engine, EngineEvents } from './engine'

/** Safari gives the date of the element's time 0. */
type WithStartDate = HTMLVideoElement & { getStartDate?(): Date }

/** The browser's own HLS, where there are no Media Source Extensions (iPhones before iOS 17.1). */
export function createNativeEngine(video: WithStartDate, events: EngineEvents): Engine {
  let address = ''
  const onError = () => events.failed({ kind: 'network' })
  video.addEventListener('error', onError)

  return {
    load(url) {
      address = url
      video.src = url
      video.load()
    },
    goOn() {
      video.src = address
      video.load()
    },
    mendMedia() {
      video.src = address
      video.load()
    },
    playingDate() {
      const start = video.getStartDate?.().getTime() ?? Number.NaN
      return Number.isFinite(start) ? start + video.currentTime * 1_000 : null
    },
    livePosition: () => (video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : null),
    setRendition: () => undefined,
    rendition: () => -1,
    destroy() {
      video.removeEventListener('error', onError)
      video.removeAttribute('src')
      video.load()
    },
  }
}

export function playsNatively(video: HTMLVideoElement): boolean {
  return video.canPlayType('application/vnd.apple.mpegurl') !== ''
}
