import type { Failure } from './recovery'

/** A rendition with a picture, by its height in pixels. */
export type Rendition = { index: number; height: number; bitsPerSecond: number }
export type Quality = { kind: 'auto' } | { kind: 'fixed'; index: number } | { kind: 'audio' }

export type EngineEvents = {
  failed(failure: Failure): void
  renditions(renditions: Rendition[], audioUrl: string | null): void
}

/** What plays HLS into a video element: hls.js, or the browser itself. */
export type Engine = {
  load(url: string): void
  /** Load on from where it stopped. */
  goOn(): void
  mendMedia(): void
  /** Server time of the picture on show, ms; null while it is not known. */
  playingDate(): number | null
  /** Where to seek to be live, in the element's time. */
  livePosition(): number | null
  setRendition(index: number | null): void
  /** The rendition playing, 0 the lowest; -1 unknown. */
  rendition(): number
  destroy(): void
}
