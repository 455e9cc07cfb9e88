import Hls, { type ErrorData, ErrorTypes, Events, type ManifestLoadedData } from 'hls.js/light'
import type { Engine, EngineEvents } from './engine'
import { hlsConfig, replayConfig } from './hls-config'
import type { Failure } from './recovery'

export const hlsIsSupported = () => Hls.isSupported()

export function createHlsEngine(video: HTMLVideoElement, events: EngineEvents, live: boolean): Engine {
  const hls = new Hls(live ? hlsConfig : replayConfig)
  /** hls.js leaves out variants without a picture where there are others: remember their address. */
  let audioUrl: string | null = null

  hls.on(Events.ERROR, (_event, data) => {
    if (data.fatal) events.failed(toFailure(data))
  })
  const tellRenditions = () => {
    const all = hls.levels.map(({ height, bitrate }, index) => ({ index, height, bitsPerSecond: bitrate }))
    events.renditions(
      all.filter(({ height }) => height > 0),
      audioUrl,
    )
  }
  hls.on(Events.MANIFEST_PARSED, tellRenditions)
  hls.on(Events.MANIFEST_LOADED, (_event, data) => {
    audioUrl = findAudioUrl(data) ?? audioUrl
    tellRenditions()
  })
  hls.attachMedia(video)

  return {
    load: (url) => hls.loadSource(url),
    goOn: () => hls.startLoad(-1),
    mendMedia: () => hls.recoverMediaError(),
    playingDate: () => hls.playingDate?.getTime() ?? null,
    livePosition: () => hls.liveSyncPosition,
    setRendition(index) {
      hls.nextLevel = index ?? -1
    },
    rendition: () => hls.currentLevel,
    destroy: () => hls.destroy(),
  }
}

function toFailure(data: ErrorData): Failure {
  const status = data.response?.code ?? 0
  if (data.type === ErrorTypes.NETWORK_ERROR)
    return status >= 400 ? { kind: 'http', status } : { kind: 'network' }
  return { kind: 'media' }
}

function findAudioUrl({ levels }: ManifestLoadedData): string | null {
  const hasPicture = (level: (typeof levels)[number]) => level.videoCodec || (level.height ?? 0) > 0
  if (!levels.some(hasPicture)) return null
  return levels.find((level) => !hasPicture(level))?.url ?? null
}
