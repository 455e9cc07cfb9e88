/** Frames of every kind; a page sends a few a second, one that comes back some dozens at once. */
const FRAMES_PER_SECOND = 200
const BURST_FRAMES = 400

/**
 * How many frames a client has lately sent beyond what is allowed for good. Two small integers in the socket itself,
 * since there is one of it for every socket: it leaks by the whole second.
 */
export function countFrame(level: number, secondsSinceLast: number): number {
  return Math.max(0, level - Math.max(0, secondsSinceLast) * FRAMES_PER_SECOND) + 1
}

export function isFlood(level: number): boolean {
  return level > BURST_FRAMES
}
