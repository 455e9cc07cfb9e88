/** What a player keeps of a media playlist (RFC 8216bis) to ask for the next one. */
export type Edge = {
  /** Media sequence number of the segment that is not whole yet, and how many parts of it are listed. */
  msn: number
  openParts: number
  /** Of the newest part; null: no part is listed. */
  newestPart: string | null
  /** Server time (ms) of what a player shows that keeps the asked distance from the edge. */
  showsAt: number | null
  ended: boolean
}

const HOLD_BACK = /PART-HOLD-BACK=([\d.]+)/
const DURATION = /DURATION=([\d.]+)/
const URI = /URI="([^"]+)"/

/** The first variant of a multivariant playlist: the best, and the one with a picture. */
export function findMediaPlaylist(text: string): string | null {
  if (!text.startsWith('#EXTM3U')) return null
  return text.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? null
}

/** Reads a live playlist, also one with a delta update. Null: it is none. */
export function readEdge(text: string): Edge | null {
  if (!text.startsWith('#EXTM3U')) return null
  const edge: Edge = { msn: 0, openParts: 0, newestPart: null, showsAt: null, ended: false }
  let holdBackSeconds = 0
  let segmentAt: number | null = null
  let openSeconds = 0
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    const [tag, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
    switch (tag) {
      case '#EXT-X-SERVER-CONTROL':
        holdBackSeconds = Number(HOLD_BACK.exec(value)?.[1] ?? 0)
        break
      case '#EXT-X-MEDIA-SEQUENCE':
        edge.msn = Number(value)
        break
      case '#EXT-X-SKIP':
        edge.msn += Number(/SKIPPED-SEGMENTS=(\d+)/.exec(value)?.[1] ?? 0)
        break
      case '#EXT-X-PROGRAM-DATE-TIME':
        segmentAt = Date.parse(value)
        openSeconds = 0
        break
      case '#EXT-X-PART':
        edge.openParts += 1
        openSeconds += Number(DURATION.exec(value)?.[1] ?? 0)
        edge.newestPart = URI.exec(value)?.[1] ?? null
        break
      case '#EXTINF':
        edge.msn += 1
        edge.openParts = 0
        openSeconds = Number.parseFloat(value)
        break
      case '#EXT-X-ENDLIST':
        edge.ended = true
        break
    }
  }
  if (segmentAt !== null) edge.showsAt = segmentAt + (openSeconds - holdBackSeconds) * 1000
  return edge
}

/** A blocking reload (RFC 8216bis, 6.2.5.2) that is answered when so many more parts are there. */
export function toReload(playlistUrl: string, { msn, openParts }: Edge, partsAhead: number): string {
  const url = new URL(playlistUrl)
  url.searchParams.set('_HLS_msn', String(msn))
  url.searchParams.set('_HLS_part', String(openParts - 1 + partsAhead))
  url.searchParams.set('_HLS_skip', 'YES')
  return url.href
}
