import { NOTHING, type Packable, toBeginning } from './packed'
import { pushSegment, toPictureLines } from './playlist-lines'
import { findSegment, type Timeline, type TimelineSegment } from './timeline'

/** Segments of one piece: half a minute. Packing all pieces of two hours again takes 5 ms, once per piece. */
export const PIECE_SEGMENTS = 16

type Piece = { text: string; map: string; startsWithMap: boolean; dates: string[] }

/**
 * The lines of one variant's segments that are too old to change: written once, however long the class is. What
 * comes before a player's skip boundary stands here, the rest is rendered at every part.
 */
export type PlaylistHistory = {
  /** Takes in what is older than segment `nextMsn` now. */
  extend(timeline: Timeline, nextMsn: number): void
  /** The init segment in force behind the last line. */
  map(): string
  /** Pictures of segments from `firstMsn` on: a delta update leaves them out only if it is asked to. */
  dates(firstMsn: number): string[]
  /** Everything from `firstMsn`, a multiple of the piece, on: first what is packed with this head, then the rest. */
  read(head: string, firstMsn: number): { beginning: Packable; rest: string }
}

const emptyPiece = (map: string): Piece => ({ text: '', map, startsWithMap: false, dates: [] })

export function createPlaylistHistory(variant: string): PlaylistHistory {
  let pieces: Piece[] = []
  let nextMsn = 0
  let map = ''
  let packed: { key: string; beginning: Packable } = { key: '', beginning: NOTHING }

  function add(timeline: Timeline, segment: TimelineSegment) {
    const number = Math.floor(segment.msn / PIECE_SEGMENTS)
    const piece = pieces[number] ?? emptyPiece(map)
    pieces[number] = piece
    const lines: string[] = []
    const dates = toPictureLines(timeline, segment)
    const own = pushSegment(lines, variant, segment, map, false, dates)
    if (segment.msn % PIECE_SEGMENTS === 0) piece.startsWithMap = own !== map
    piece.text += `${lines.join('\n')}\n`
    piece.dates.push(...dates)
    map = own
  }

  function reset() {
    pieces = []
    nextMsn = 0
    map = ''
    packed = { key: '', beginning: NOTHING }
  }

  return {
    extend(timeline, until) {
      // Only a plan that takes back what was listed makes the past longer ago than it was.
      if (until < nextMsn) reset()
      for (; nextMsn < until; nextMsn++) {
        const segment = findSegment(timeline, variant, nextMsn)
        if (!segment) return
        add(timeline, segment)
      }
    },
    map: () => map,
    dates: (firstMsn) => pieces.slice(firstMsn / PIECE_SEGMENTS).flatMap(({ dates }) => dates),
    read(head, firstMsn) {
      const first = firstMsn / PIECE_SEGMENTS
      const whole = Math.floor(nextMsn / PIECE_SEGMENTS)
      const key = `${head} ${first} ${whole}`
      if (packed.key !== key) {
        const [oldest] = pieces.slice(first, whole)
        const needsMap = oldest && !oldest.startsWithMap && oldest.map !== ''
        const texts = pieces.slice(first, whole).map(({ text }) => text)
        const text = [head, needsMap ? `${oldest.map}\n` : '', ...texts].join('')
        packed = { key, beginning: toBeginning(Buffer.from(text)) }
      }
      return { beginning: packed.beginning, rest: pieces[whole]?.text ?? '' }
    },
  }
}
