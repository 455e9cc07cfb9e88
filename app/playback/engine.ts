import type { Rung } from './ladder'
import type { Failure } from './recovery'

/** A rendition with a picture, by its height in pixels. `bitsPerSecond` is what it takes on average. */
export type Rendition = { index: number; height: number; bitsPerSecond: number; url: string }
/** The variant without a picture. */
export type SoundVariant = { url: string; bitsPerSecond: number }

/** What can be played now, in seconds of the element's time. */
export type SeekRange = { start: number; end: number }
/** A moment of the class with a name; `at` is server time, ms. */
export type Chapter = { at: number; name: string }
/** Who is seen from server time `at` (ms) on: `per_x:camera`, `per_y:screen`, or nobody. */
export type PictureChange = { at: number; main: string | null; aside: string | null }

/** `replay`: the whole class from its beginning. `sound`: live, without a picture. */
export type Showing = 'live' | 'sound' | 'replay'
export type EngineOptions = { showing: Showing; startLow: boolean }

export type EngineEvents = {
  failed(failure: Failure): void
  renditions(renditions: Rendition[], sound: SoundVariant | null): void
}

/** What plays HLS into a video element: hls.js, or the browser itself. */
export type Engine = {
  load(url: string): void
  /** Load on from where it stopped, or with a new decoder. Absent: only a new engine can. */
  goOn?(): void
  mendMedia?(): void
  /** Server time of the picture at a position (seconds of the element), ms; null while it is not known. */
  dateAt(position: number): number | null
  /** The opposite. Null: that moment is not in the playlist. */
  positionOf(date: number): number | null
  /**
   * Seconds between the picture and the newest there is, and how near to that one may go. `fresh`: by a playlist of
   * this moment. Null: not known.
   */
  latency(): { seconds: number; leastSeconds: number; fresh: boolean } | null
  /** Live is loaded by parts of a segment, or by whole segments. */
  loadBy(delivery: 'parts' | 'segments'): void
  /** From a request to the first byte of something that is there, ms; null: not measured. */
  roundTripMs(): number | null
  /** Where to seek to be that far behind the newest, in the element's time. */
  positionBehindLive(seconds: number): number | null
  range(): SeekRange | null
  chapters(): readonly Chapter[]
  pictures(): readonly PictureChange[]
  /** Takes sizes and rates as they are now. False: it has other renditions, or in the wrong order, and must be replaced. */
  renew(ladder: readonly Rung[]): boolean
  setRendition(index: number | null): void
  /** With "Auto" and in calm: one rendition higher, if the link was seen to carry it. */
  climb(): void
  /** With "Auto", each second while the picture stands: at once to one that the link carries, if this one is too much for it. */
  descend(): void
  /** The rendition playing, 0 the lowest; -1 unknown. */
  rendition(): number
  /** What the network gave lately; null: not measured. */
  bitsPerSecond(): number | null
  /** The same by the last few answers alone; null: they are not of just now. */
  recentBitsPerSecond(): number | null
  destroy(): void
}
