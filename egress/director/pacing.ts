/** BROADCAST_ENGINE: what answers LiveKit's egress requests. */
export type EngineName = 'worker' | 'livekit-egress'

/** How patient the director is with an engine, ms. */
export type Pacing = {
  /** No new part for this long, after there were some: the run is dead. */
  staleMs: number
  /** No part at all for this long after it was asked for: the run is dead. */
  startMs: number
  /** StartEgress hangs for ever when nobody takes it: a request without an answer is given up after this. */
  requestMs: number
  /** After a request without an answer: the same run may be asked for again if the engine refuses a run twice. */
  sameRunAgain: boolean
  /** What the engine is asked to cut; ours cuts at key frames about so far apart. */
  segmentSeconds: number
}

export const pacings: Record<EngineName, Pacing> = {
  /** Parts every 0.23 s, answers in 40-100 ms; ten missing parts or fifteen answers' time are no hiccup. */
  worker: { staleMs: 2_500, startMs: 12_000, requestMs: 1_500, sameRunAgain: true, segmentSeconds: 2 },
  /**
   * Starts a Chrome (first segment after 5.3 s at best); a segment of 1 s is closed when the next one is complete, and
   * a machine that starts another Chrome stutters for seconds.
   */
  'livekit-egress': {
    staleMs: 6_000,
    startMs: 25_000,
    requestMs: 5_000,
    sameRunAgain: false,
    segmentSeconds: 1,
  },
}

/** Somebody who looks in for a moment must not start and stop an encoder each time. */
export const LINGER_MS = 60_000
/** Origins report a run at most every 500 ms: silence for longer means that they have told everything. */
export const SETTLE_MS = 700
/** After a stop the last parts are still written and seen. */
export const QUIET_MS = 1_000
export const FIRST_RETRY_MS = 500
export const LAST_RETRY_MS = 8_000
/** Segments are on average longer than this (2 s; 1.3 s of a still picture): how many a forgotten run has at most. */
export const SHORTEST_SEGMENT_MS = 500
/** An egress whose process is gone stays ACTIVE for ever in LiveKit's list: asked to stop so often, then left. */
export const STOP_ATTEMPTS = 3
export const STOP_AGAIN_MS = 10_000
/** With no origin alive no run is ever seen to begin: patience doubles for each such run, up to four times. */
const MOST_PATIENCE = 4

export function toRetryMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
}

export function toStartMs(pacing: Pacing, fruitlessRuns: number): number {
  return pacing.startMs * Math.min(MOST_PATIENCE, 2 ** fruitlessRuns)
}
