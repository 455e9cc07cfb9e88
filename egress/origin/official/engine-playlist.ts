/** A segment that livekit/egress has finished: it is listed only then. `pdtMs`: as the engine dates it. */
export type ListedSegment = { file: string; seconds: number; pdtMs: number | null }
/** `first`: the number of its first segment, counted from the start of the run. */
export type EnginePlaylist = { first: number; segments: ListedSegment[]; ended: boolean }

/** No path: what an engine writes decides nothing about where we read. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\.ts$/
/** What is longer is garbage: we ask for 1 s. */
const LONGEST_SECONDS = 30

/**
 * A playlist of the engine (RFC 8216), which is rewritten in place: what is torn off at its end is read next time.
 * Null: this is none, or it is garbage.
 */
export function parseEnginePlaylist(text: string): EnginePlaylist | null {
  if (!text.startsWith('#EXTM3U')) return null
  let first = 0
  const segments: ListedSegment[] = []
  const lines = text.split('\n')
  // The last line may be half written, and the next reading has it.
  lines.pop()
  let seconds: number | null = null
  let pdtMs: number | null = null
  let ended = false
  for (const line of lines.map((raw) => raw.trim())) {
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) {
      first = Number(line.slice('#EXT-X-MEDIA-SEQUENCE:'.length))
      if (!Number.isSafeInteger(first) || first < 0) return null
    } else if (line.startsWith('#EXTINF:')) {
      seconds = Number.parseFloat(line.slice('#EXTINF:'.length))
      if (!(seconds > 0 && seconds <= LONGEST_SECONDS)) return null
    } else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
      const at = Date.parse(line.slice('#EXT-X-PROGRAM-DATE-TIME:'.length))
      pdtMs = Number.isFinite(at) ? at : null
    } else if (line === '#EXT-X-ENDLIST') {
      ended = true
    } else if (line !== '' && !line.startsWith('#')) {
      const file = line.split('/').at(-1) ?? ''
      if (seconds === null || !FILE_NAME.test(file)) return null
      segments.push({ file, seconds, pdtMs })
      seconds = null
      pdtMs = null
    }
  }
  return { first, segments, ended }
}
