import type { Engine, EngineEvents } from './engine'
import type { Failure } from './recovery'

/** Safari gives the date of the element's time 0. */
type WithStartDate = HTMLVideoElement & { getStartDate?(): Date }

/** What Apple's player keeps to by itself: PART-HOLD-BACK is honoured, but it cannot be asked for it. */
const NATIVE_LEAST_SECONDS = 2

/** The browser's own HLS, where there are no Media Source Extensions (iPhones before iOS 17.1). */
export function createNativeEngine(video: WithStartDate, events: EngineEvents): Engine {
  const onError = () => events.failed(toFailure(video.error?.code ?? 0))
  video.addEventListener('error', onError)

  const startDate = () => {
    const start = video.getStartDate?.().getTime() ?? Number.NaN
    return Number.isFinite(start) ? start : null
  }
  const range = () => {
    const last = video.seekable.length - 1
    return last < 0 ? null : { start: video.seekable.start(0), end: video.seekable.end(last) }
  }
  const isOver = () => Number.isFinite(video.duration)

  return {
    load(url) {
      video.src = url
      video.load()
    },
    dateAt(position) {
      const start = startDate()
      return start === null ? null : start + position * 1_000
    },
    positionOf(date) {
      const start = startDate()
      return start === null ? null : (date - start) / 1_000
    },
    latency() {
      const known = range()
      if (!known || isOver()) return null
      return { seconds: known.end - video.currentTime, leastSeconds: NATIVE_LEAST_SECONDS, fresh: true }
    },
    // The browser's own business.
    loadBy: () => undefined,
    roundTripMs: () => null,
    positionBehindLive(seconds) {
      const known = range()
      return known && Math.max(known.start, known.end - seconds)
    },
    range,
    // Date ranges are not given to pages by Apple's player without its text tracks of metadata.
    chapters: () => [],
    pictures: () => [],
    renew(ladder) {
      const sound = ladder.find(({ height }) => height === null)
      if (sound) events.renditions([], sound)
      return true
    },
    setRendition: () => undefined,
    climb: () => undefined,
    descend: () => undefined,
    rendition: () => -1,
    bitsPerSecond: () => null,
    recentBitsPerSecond: () => null,
    destroy() {
      video.removeEventListener('error', onError)
      video.removeAttribute('src')
      video.load()
    },
  }
}

/** MediaError.code: 1 aborted, 2 network, 3 decode, 4 source refused (a 403 looks like this, and a 404). */
function toFailure(code: number): Failure {
  if (code === 3) return { kind: 'media' }
  if (code === 4) return { kind: 'refused' }
  return { kind: 'network' }
}

export function playsNatively(video: HTMLVideoElement): boolean {
  return video.canPlayType('application/vnd.apple.mpegurl') !== ''
}
