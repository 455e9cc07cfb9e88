import Hls, {
  type ErrorData,
  ErrorTypes,
  Events,
  type LevelDetails,
  type LevelParsed,
  type LoaderStats,
} from 'hls.js/light'
import type { Engine, EngineEvents, EngineOptions, SoundVariant } from './engine'
import { BANDWIDTH_SHARE, BANDWIDTH_SHARE_UP, SEGMENTS_LEAST_SECONDS, toHlsConfig } from './hls-config'
import { toChapters, toDate, toPictures, toPosition, toSegmentStart } from './hls-timeline'
import { isStale, type Rung } from './ladder'
import {
  type Arrival,
  type Coming,
  toBitsPerSecond,
  toFlow,
  toRecentBitsPerSecond,
  withArrival,
} from './pace'
import type { Failure } from './recovery'
import { toNextPart, toWholeSegments } from './reload-address'

/** Parts come four times a second, segments every two: what is much older is overdue. */
const FRESH_SECONDS = 1
const FRESH_BY_SEGMENTS_SECONDS = 3
/** A rendition that was gone down to is kept so long: then hls.js has measured the link anew. */
const HELD_MS = 20_000
/** Nothing for longer is an outage, of which what came before says nothing: a part takes less where any picture fits. */
const RECENT_MS = 2_500
/** How much the newest request says about the round trip. */
const NEWEST_WEIGHT = 0.3

export const hlsIsSupported = () => Hls.isSupported()

/** Media Source Extensions, or iPhones' ManagedMediaSource, which hls.js prefers where both are. */
export function createHlsEngine(
  video: HTMLVideoElement,
  events: EngineEvents,
  { showing, startLow }: EngineOptions,
): Engine {
  const hls: Hls = new Hls({
    ...toHlsConfig(showing, startLow),
    xhrSetup(request, url) {
      if (switching) return
      // Of the playlist that asks on: hls.js calls this when its answer is known.
      const lastMsn = hls.latestLevelDetails?.endSN
      const better = hls.lowLatencyMode ? toNextPart(url, lastMsn) : toWholeSegments(url)
      if (better !== url) request.open('GET', better)
    },
  })
  /** What there is of another rendition is wanted at once. */
  let switching = false
  /** hls.js leaves out variants without a picture where there are others: remember their address. */
  let sound: SoundVariant | null = null
  let roundTripMs: number | null = null
  let ladder: readonly Rung[] = []
  let arrivals: readonly Arrival[] = []
  let coming: LoaderStats | null = null
  let looked: Coming | null = null
  /** At a rendition that the link carries, for a while: hls.js would go on with what it thinks is lower. */
  let held = false
  let heldAt = 0
  const release = () => {
    held = false
    hls.loadLevel = -1
  }
  const isAuto = () => held || hls.autoLevelEnabled

  hls.on(Events.ERROR, (_event, data) => {
    // A refused token is refused for every rendition: no use in trying them all.
    if (data.fatal || isDenied(data)) events.failed(toFailure(data))
  })
  const tellRenditions = () => {
    const all = hls.levels.map(({ height, averageBitrate, uri }, index) => {
      const now = ladder.find(({ url }) => url === uri)
      return {
        index,
        height: now?.height ?? height,
        bitsPerSecond: now?.bitsPerSecond ?? averageBitrate,
        url: uri,
      }
    })
    events.renditions(
      all.filter(({ height }) => height > 0),
      sound,
    )
  }
  hls.on(Events.LEVEL_SWITCHING, () => {
    switching = true
  })
  hls.on(Events.LEVEL_LOADED, () => {
    switching = false
  })
  hls.on(Events.MANIFEST_LOADED, (_event, { levels }) => {
    // hls.js tells of the parsed manifest first.
    sound = findSound(levels) ?? sound
    tellRenditions()
  })
  hls.on(Events.FRAG_LOADING, (_event, { frag, part }) => {
    coming = (part ?? frag).stats
  })
  hls.on(Events.FRAG_LOADED, (_event, { frag, part }) => {
    const { loading, loaded } = (part ?? frag).stats
    arrivals = withArrival(arrivals, { first: loading.first, end: loading.end, bytes: loaded })
    if (held && performance.now() - heldAt > HELD_MS) release()
    // A part may have been asked for before it was there.
    if (part) return
    const { start, first } = frag.stats.loading
    const took = first - start
    roundTripMs = roundTripMs === null ? took : roundTripMs + (took - roundTripMs) * NEWEST_WEIGHT
  })
  hls.on(Events.MANIFEST_PARSED, tellRenditions)
  hls.on(Events.LEVELS_UPDATED, tellRenditions)
  hls.attachMedia(video)
  const read = <T>(pick: (known: LevelDetails) => T): T | null =>
    hls.latestLevelDetails ? pick(hls.latestLevelDetails) : null

  return {
    load: (url) => hls.loadSource(url),
    goOn: () => hls.startLoad(-1),
    mendMedia: () => hls.recoverMediaError(),
    dateAt: (position) => read((known) => toDate(known, position)),
    positionOf: (date) => read((known) => toPosition(known, date)),
    latency() {
      const known = hls.latestLevelDetails
      if (!known?.live) return null
      const byParts = hls.lowLatencyMode
      const least = byParts ? known.partHoldBack || known.holdBack : SEGMENTS_LEAST_SECONDS
      const seconds = known.edge + known.age - video.currentTime
      return {
        seconds,
        leastSeconds: least,
        fresh: known.age < (byParts ? FRESH_SECONDS : FRESH_BY_SEGMENTS_SECONDS),
      }
    },
    loadBy(delivery) {
      if (showing === 'live') hls.lowLatencyMode = delivery === 'parts'
    },
    roundTripMs: () => roundTripMs,
    positionBehindLive: (seconds) =>
      read((known) => {
        const wanted = known.edge + known.age - seconds
        const latest = known.edge - (known.partTarget || 1)
        const position = Math.min(Math.max(known.fragmentStart, wanted), latest)
        // A segment is loaded as a whole: what comes before the wanted moment is in the buffer then too.
        return hls.lowLatencyMode ? position : toSegmentStart(known, position)
      }),
    range: () => read((known) => ({ start: known.fragmentStart, end: known.edge })),
    chapters: () => read(toChapters) ?? [],
    pictures: () => read(toPictures) ?? [],
    renew(now) {
      ladder = now
      // What is chosen by: hls.js takes the greater of this and what it read at first.
      for (const level of hls.levels) {
        level.realBitrate = now.find(({ url }) => url === level.uri)?.peakBitsPerSecond ?? level.realBitrate
      }
      tellRenditions()
      const loaded = hls.levels.map(({ uri }) => uri)
      return !isStale(loaded, now)
    },
    setRendition(index) {
      // From the next segment on, without throwing away what is loaded.
      if (index !== null) hls.loadLevel = index
      else if (!isAuto()) hls.loadLevel = -1
      if (index !== null) held = false
    },
    climb() {
      if (held) return release()
      const next = hls.levels[hls.loadLevel + 1]
      const pace = toBitsPerSecond(arrivals)
      if (!hls.autoLevelEnabled || hls.loadLevel < 0 || !next || pace === null) return
      if (pace * BANDWIDTH_SHARE_UP >= next.maxBitrate) hls.nextAutoLevel = hls.loadLevel + 1
    },
    descend() {
      if (!coming) return
      const now = { answer: coming, bytes: coming.loaded, at: performance.now() }
      const pace = looked && toFlow(looked, now, arrivals)
      looked = now
      const playing = hls.levels[hls.loadLevel]
      if (!isAuto() || !playing || pace === null || pace >= playing.realBitrate) return
      hls.bandwidthEstimate = pace
      // By what they take now: hls.js keeps the order of the first list.
      const byBits = hls.levels.map((level, index) => ({ index, bits: level.realBitrate }))
      byBits.sort((a, b) => a.bits - b.bits)
      const next = byBits.findLast(({ bits }) => bits <= pace * BANDWIDTH_SHARE) ?? byBits[0]
      if (!next || next.bits >= playing.realBitrate) return
      // Gives up what is being loaded, which is as much too large.
      held = true
      heldAt = now.at
      hls.nextLevel = next.index
    },
    rendition: () => hls.currentLevel,
    bitsPerSecond() {
      const known = [hls.bandwidthEstimate, toRecentBitsPerSecond(arrivals) ?? Number.NaN].filter(
        Number.isFinite,
      )
      return known.length > 0 ? Math.min(...known) : null
    },
    recentBitsPerSecond() {
      const newest = arrivals.at(-1)
      if (!newest || performance.now() - newest.end > RECENT_MS) return null
      return toRecentBitsPerSecond(arrivals)
    },
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
