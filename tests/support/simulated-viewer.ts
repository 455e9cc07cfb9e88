import type { Engine } from '../../app/playback/engine'
import { FakeVideo } from './fake-video'

/** A link in numbers only, so that a minute on it takes no time. */
export type SimulatedLink = {
  bitsPerSecond: number
  delayMs: number
  jitterMs: number
  /** Share of packets that come only when they were sent again. */
  loss: number
  /** Nothing comes through then, ms. */
  outages: readonly { from: number; to: number }[]
}

const PACKET_BITS = 1_448 * 8
const PLAYLIST_BYTES = 1_200
/** From the end of a piece to its being listed. */
const LISTED_AFTER_MS = 150
const PART_SECONDS = 0.25
const SEGMENT_SECONDS = 2
const STEP_MS = 50
/** What Chromium wants to have before it goes on: at first, and at most. It doubles whenever it runs dry, until a seek. */
const AGAIN_SECONDS = { first: 0.2, most: 3 }

/** When the last byte of an answer that is sent at `at` arrives. One answer after the other, as on one connection. */
function createArrivals(link: SimulatedLink, random: () => number): (at: number, bytes: number) => number {
  const untilUp = (at: number) => link.outages.find(({ from, to }) => at >= from && at < to)?.to ?? at
  let freeAt = 0
  return (at, bytes) => {
    const delayMs = link.delayMs + (random() * 2 - 1) * link.jitterMs
    let lastAt = 0
    for (let bits = bytes * 8; bits > 0; bits -= PACKET_BITS) {
      freeAt = untilUp(Math.max(freeAt, at) + (Math.min(bits, PACKET_BITS) * 1_000) / link.bitsPerSecond)
      const repeatMs = random() < link.loss ? link.delayMs + 50 : 0
      lastAt = untilUp(Math.max(lastAt, freeAt + delayMs + repeatMs))
    }
    return lastAt
  }
}

type Answer = { at: number; until: number }

/**
 * A viewer of a broadcast over such a link, as hls.js loads it: playlists that are held until something is new, and
 * pieces one after the other. `step` lives through 50 ms; what steers is the test's.
 */
export function createSimulatedViewer(link: SimulatedLink, bitsPerSecond: number, random: () => number) {
  const arrive = createArrivals(link, random)
  const video = new FakeVideo()
  let now = 0
  let unit = PART_SECONDS
  /** Seconds of the element: the newest that is listed, by the last playlist, and what is loaded. */
  let known = { end: 0, at: 0 }
  let from = 0
  let position = 0
  let sought = false
  let againSeconds = AGAIN_SECONDS.first
  let playlist: Answer | null = null
  let piece: Answer | null = null
  let standing = true

  Object.defineProperty(video, 'currentTime', {
    get: () => position,
    set(wanted: number) {
      position = wanted
      sought = true
    },
  })

  const newestAt = (at: number) => Math.max(0, Math.floor((at - LISTED_AFTER_MS) / 1_000 / unit) * unit)
  const ageSeconds = () => (now - known.at) / 1_000

  function load(): void {
    if (playlist && now >= playlist.at) {
      known = { end: Math.max(known.end, playlist.until), at: now }
      playlist = null
    }
    // Held by the origin until there is something new.
    if (!playlist && newestAt(now) > known.end)
      playlist = { at: arrive(now, PLAYLIST_BYTES), until: newestAt(now) }
    if (piece && now >= piece.at) {
      video.loadedUntil = piece.until
      piece = null
    }
    if (piece || video.loadedUntil + 0.001 >= known.end) return
    const until = Math.min(known.end, (Math.floor(video.loadedUntil / unit + 0.001) + 1) * unit)
    const bytes = ((until - video.loadedUntil) * bitsPerSecond * (0.8 + random() * 0.4)) / 8
    piece = { at: arrive(now, bytes), until }
  }

  /** To where it was sent: what is loaded is kept if it is there. */
  function jump(): void {
    if (!sought) return
    sought = false
    againSeconds = AGAIN_SECONDS.first
    if (video.currentTime >= from && video.currentTime <= video.loadedUntil) return
    from = Math.floor(video.currentTime / unit) * unit
    video.loadedUntil = from
    piece = null
  }

  const engine: Pick<
    Engine,
    'latency' | 'loadBy' | 'roundTripMs' | 'positionBehindLive' | 'climb' | 'descend'
  > = {
    latency() {
      if (known.end === 0) return null
      const byParts = unit === PART_SECONDS
      const seconds = known.end + ageSeconds() - video.currentTime
      return { seconds, leastSeconds: byParts ? 1.2 : 3.2, fresh: ageSeconds() < (byParts ? 1 : 3) }
    },
    loadBy(by) {
      unit = by === 'parts' ? PART_SECONDS : SEGMENT_SECONDS
      playlist = null
    },
    roundTripMs: () => link.delayMs,
    positionBehindLive(seconds) {
      const wanted = Math.max(0, Math.min(known.end + ageSeconds() - seconds, known.end - unit))
      return unit === PART_SECONDS ? wanted : Math.floor(wanted / unit) * unit
    },
    climb: () => undefined,
    descend: () => undefined,
  }

  return {
    video,
    engine: engine as Engine,
    standing: () => standing,
    step(): number {
      now += STEP_MS
      jump()
      load()
      const ahead = video.loadedUntil - video.currentTime
      const dry = ahead < (standing ? againSeconds : 0.02)
      if (dry && !standing) againSeconds = Math.min(againSeconds * 2, AGAIN_SECONDS.most)
      standing = dry
      video.paused = false
      if (!standing) position += Math.min(ahead, (STEP_MS / 1_000) * video.playbackRate)
      return now
    },
  }
}
