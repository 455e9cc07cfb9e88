import type { HlsConfig } from 'hls.js'
import type { Showing } from './engine'

/** A playlist request is held by the origin until the next part is there: give it time. */
const playlistLoadPolicy: HlsConfig['playlistLoadPolicy'] = {
  default: {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 15_000,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 3, retryDelayMs: 300, maxRetryDelayMs: 2_000 },
  },
}
/** The first request is repeated by us, because we tell people what we wait for. */
const manifestLoadPolicy: HlsConfig['manifestLoadPolicy'] = {
  default: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs: 15_000, timeoutRetry: null, errorRetry: null },
}
const fragLoadPolicy: HlsConfig['fragLoadPolicy'] = {
  default: {
    maxTimeToFirstByteMs: 8_000,
    maxLoadTimeMs: 30_000,
    timeoutRetry: { maxNumRetry: 3, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 5, retryDelayMs: 300, maxRetryDelayMs: 3_000 },
  },
}

/** What the first pictures may take before anything was measured: the middle rendition on most links. */
const FIRST_ESTIMATE_BITS = 1_000_000

/**
 * A rendition has to come in clearly faster than it plays: with a second or three in the buffer, one that just fits
 * stalls at the first lost packet, and cannot make up for an outage.
 */
export const BANDWIDTH_SHARE = 0.7
export const BANDWIDTH_SHARE_UP = 0.55

/**
 * How far behind live is for `following.ts` alone: hls.js adds a second after each stall and has a catch-up of its
 * own, and two who steer steer badly.
 */
const liveConfig: Partial<HlsConfig> = {
  lowLatencyMode: true,
  liveSyncOnStallIncrease: 0,
  maxLiveSyncPlaybackRate: 1,
  liveDurationInfinity: true,
  backBufferLength: 60,
  maxBufferLength: 20,
  enableWorker: true,
  // Dates are read from the playlist itself (hls-timeline.ts): no text tracks are made of them.
  enableDateRangeMetadataCues: false,
  enableEmsgMetadataCues: false,
  enableID3MetadataCues: false,
  testBandwidth: false,
  abrEwmaDefaultEstimate: FIRST_ESTIMATE_BITS,
  abrBandWidthFactor: BANDWIDTH_SHARE,
  abrBandWidthUpFactor: BANDWIDTH_SHARE_UP,
  playlistLoadPolicy,
  manifestLoadPolicy,
  fragLoadPolicy,
}

/** By whole segments of 2 s: the one that is growing cannot be had, and the newest whole one takes its time. */
export const SEGMENTS_LEAST_SECONDS = 3.2

/** Sound in whole segments: parts and their playlists would cost as much as the sound itself. */
const soundConfig: Partial<HlsConfig> = {
  ...liveConfig,
  lowLatencyMode: false,
  liveSyncDuration: SEGMENTS_LEAST_SECONDS,
}

/** From the beginning, even where the playlist of a class that ended just now is still open. */
const replayConfig: Partial<HlsConfig> = { ...liveConfig, lowLatencyMode: false, startPosition: 0 }

export function toHlsConfig(showing: Showing, startLow: boolean): Partial<HlsConfig> {
  const config = { live: liveConfig, sound: soundConfig, replay: replayConfig }[showing]
  return startLow ? { ...config, startLevel: 0 } : config
}
