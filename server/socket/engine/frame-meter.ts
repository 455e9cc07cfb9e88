/** Frames of every kind; a page sends a few a second, one that comes back some dozens at once. */
const FRAMES_PER_SECOND = 200
const BURST_FRAMES = 400
/** To be read, a frame costs what its length says: another frame for each of these, so that 24 of the largest are a burst. */
const BYTES_A_FRAME = 4096

/**
 * How many frames a client has lately sent beyond what is allowed for good. Two small integers in the socket itself,
 * since there is one of it for every socket: it leaks by the whole second.
 */
export function countFrame(level: number, secondsSinceLast: number, bytes = 0): number {
  const cost = 1 + Math.floor(bytes / BYTES_A_FRAME)
  return Math.max(0, level - Math.max(0, secondsSinceLast) * FRAMES_PER_SECOND) + cost
}

export function isFlood(level: number): boolean {
  return level > BURST_FRAMES
}
