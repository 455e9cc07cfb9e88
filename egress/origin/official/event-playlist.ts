/** A segment that livekit/egress has finished: it is listed only then. `pdtMs`: as the engine dates it. */
export type ListedSegment = { file: string; seconds: number; pdtMs: number | null }
export type EventPlaylist = { segments: ListedSegment[]; ended: boolean }

/** No path: what an engine writes decides nothing about where we read. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\.ts$/
/** What is longer is garbage: we ask for 1 s. */
const LONGEST_SECONDS = 30

/**
 * The engine's EVENT playlist (RFC 8216), which is rewritten in place: what is torn off at its end is read next time.
 * Null: this is none, or it is garbage.
 */
export function parseEventPlaylist(text: string): EventPlaylist | null {
  if (!text.startsWith('#EXTM3U')) return null
  const segments: ListedSegment[] = []
  const lines = text.split('\n')
  // The last line may be half written, and the next reading has it.
  lines.pop()
  let seconds: number | null = null
  let pdtMs: number | null = null
  let ended = false
  for (const line of lines.map((raw) => raw.trim())) {
    if (line.startsWith('#EXTINF:')) {
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
  return { segments, ended }
}
