import * as HlsParser from 'hls-parser'
import { Parser } from 'm3u8-parser'

/**
 * Where hls-parser is stricter than the standard: it counts three segments where three target durations are meant,
 * and takes a hint for a part that follows a short last one.
 */
const STRICTER = [/greater than three target durations from the end/, /at least 85% of PART-TARGET/]

/** What two public parsers have to say against a playlist, or against each other. Empty: nothing. */
export function readByOthers(text: string): string[] {
  const problems: string[] = []
  const parser = new Parser()
  parser.on('warn', ({ message }) => problems.push(`m3u8-parser: ${message}`))
  parser.push(text)
  parser.end()
  const other = parseAloud(text, (problem) => {
    if (!STRICTER.some((pattern) => pattern.test(problem))) problems.push(`hls-parser: ${problem}`)
  })
  if (other === null || other.isMasterPlaylist) return problems
  const ours = parser.manifest.segments.filter(({ duration }) => duration > 0)
  const uris = [ours, other.segments].map((segments) => segments.flatMap(({ uri }) => uri || []))
  if (JSON.stringify(uris[0]) !== JSON.stringify(uris[1])) problems.push('the two read different segments')
  return problems
}

/** It writes what it does not like to the console, and goes on. */
function parseAloud(text: string, onProblem: (problem: string) => void) {
  const { error } = console
  console.error = onProblem
  try {
    return HlsParser.parse(text)
  } catch (problem) {
    onProblem(String(problem))
    return null
  } finally {
    console.error = error
  }
}
