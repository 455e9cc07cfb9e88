import type { HlsConfig } from 'hls.js'

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

/**
 * A stall must not cost a second of latency for ever (hls.js adds one each time by default), and a viewer who fell
 * behind catches up: 12 % faster is not heard as another pitch.
 */
export const hlsConfig: Partial<HlsConfig> = {
  lowLatencyMode: true,
  liveSyncOnStallIncrease: 0.05,
  maxLiveSyncPlaybackRate: 1.12,
  liveDurationInfinity: true,
  backBufferLength: 60,
  maxBufferLength: 20,
  enableWorker: true,
  playlistLoadPolicy,
  manifestLoadPolicy,
  fragLoadPolicy,
}

/** From the beginning, even where the playlist of a class that ended just now is still open. */
export const replayConfig: Partial<HlsConfig> = {
  ...hlsConfig,
  lowLatencyMode: false,
  startPosition: 0,
  maxLiveSyncPlaybackRate: 1,
}
