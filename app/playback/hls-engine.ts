import Hls, { type ErrorData, ErrorTypes, Events, type LevelParsed } from 'hls.js/light'
import type { Engine, EngineEvents, SoundVariant } from './engine'
import { type Showing, toHlsConfig } from './hls-config'
import { toChapters, toDate, toPictures, toPosition } from './hls-timeline'
import type { Failure } from './recovery'

/** A playlist older than this says nothing about where live is: three of its reloads have failed by then. */
const STALE_SECONDS = 3

export const hlsIsSupported = () => Hls.isSupported()

export type HlsOptions = { showing: Showing; startLow: boolean }

/** Media Source Extensions, or iPhones' ManagedMediaSource, which hls.js prefers where both are. */
export function createHlsEngine(
  video: HTMLVideoElement,
  events: EngineEvents,
  { showing, startLow }: HlsOptions,
): Engine {
  const config = toHlsConfig(showing, startLow)
  const hls = new Hls(config)
  /** hls.js leaves out variants without a picture where there are others: remember their address. */
  let sound: SoundVariant | null = null

  hls.on(Events.ERROR, (_event, data) => {
    // A refused token is refused for every rendition: no use in trying them all.
    if (data.fatal || isDenied(data)) events.failed(toFailure(data))
  })
  const tellRenditions = () => {
    const all = hls.levels.map(({ height, averageBitrate, uri }, index) => {
      return { index, height, bitsPerSecond: averageBitrate, url: uri }
    })
    events.renditions(
      all.filter(({ height }) => height > 0),
      sound,
    )
  }
  hls.on(Events.MANIFEST_LOADED, (_event, { levels }) => {
    sound = findSound(levels) ?? sound
  })
  hls.on(Events.MANIFEST_PARSED, tellRenditions)
  hls.on(Events.LEVELS_UPDATED, tellRenditions)
  hls.attachMedia(video)
  const details = () => hls.latestLevelDetails

  return {
    load: (url) => hls.loadSource(url),
    goOn: () => hls.startLoad(-1),
    mendMedia: () => hls.recoverMediaError(),
    dateAt(position) {
      const known = details()
      return known ? toDate(known, position) : null
    },
    positionOf(date) {
      const known = details()
      return known ? toPosition(known, date) : null
    },
    latency() {
      const known = details()
      if (!known?.live || known.age > STALE_SECONDS + known.targetduration * Number(showing === 'sound'))
        return null
      const leastSeconds = config.liveSyncDuration ?? (known.partHoldBack || known.holdBack)
      return { seconds: known.edge + known.age - video.currentTime, leastSeconds }
    },
    positionBehindLive(seconds) {
      const known = details()
      if (!known) return null
      const wanted = known.edge + known.age - seconds
      return Math.min(Math.max(known.fragmentStart, wanted), known.edge - (known.partTarget || 1))
    },
    range() {
      const known = details()
      return known ? { start: known.fragmentStart, end: known.edge } : null
    },
    chapters() {
      const known = details()
      return known ? toChapters(known) : []
    },
    pictures() {
      const known = details()
      return known ? toPictures(known) : []
    },
    isOver: () => details()?.live === false,
    setRendition(index) {
      // From the next segment on, without throwing away what is loaded.
      hls.loadLevel = index ?? -1
    },
    rendition: () => hls.currentLevel,
    bitsPerSecond: () => (Number.isFinite(hls.bandwidthEstimate) ? hls.bandwidthEstimate : null),
    destroy: () => hls.destroy(),
  }
}

const isDenied = ({ response }: ErrorData) => response?.code === 401 || response?.code === 403

function toFailure(data: ErrorData): Failure {
  const status = data.response?.code ?? 0
  if (data.type === ErrorTypes.NETWORK_ERROR)
    return status >= 400 ? { kind: 'http', status } : { kind: 'network' }
  return { kind: 'media' }
}

function findSound(levels: readonly LevelParsed[]): SoundVariant | null {
  const hasPicture = (level: LevelParsed) => level.videoCodec || (level.height ?? 0) > 0
  if (!levels.some(hasPicture)) return null
  const found = levels.find((level) => !hasPicture(level))
  if (!found) return null
  return { url: found.url, bitsPerSecond: found.attrs.decimalInteger('AVERAGE-BANDWIDTH') || found.bitrate }
}
