/** A media playlist as a strict reader sees it. Numbers are absolute: `dsn` counts the discontinuities before. */
export type ReadPart = { uri: string; seconds: number; independent: boolean }
export type ReadSegment = {
  msn: number
  dsn: number
  map: string | null
  pdtMs: number | null
  gap: boolean
  parts: ReadPart[]
  /** Null for the segment at the edge that is not whole yet. */
  whole: { uri: string; seconds: number } | null
}
export type ReadPlaylist = {
  version: number
  targetSeconds: number
  partTargetSeconds: number | null
  control: Map<string, string>
  firstMsn: number
  firstDsn: number
  skipped: number
  segments: ReadSegment[]
  /** Attributes of each EXT-X-DATERANGE, by ID. */
  dates: Map<string, string>
  hint: string | null
  reports: { uri: string; lastMsn: number; lastPart: number | null }[]
  isVod: boolean
  ended: boolean
  unknown: string[]
}

const blank = { map: null, pdtMs: null, gap: false, parts: [], whole: null }

/** Reads a media playlist (RFC 8216bis). Throws only if it is none at all. */
export function readMediaPlaylist(text: string): ReadPlaylist {
  if (!text.startsWith('#EXTM3U\n') || !text.endsWith('\n')) throw new Error('no playlist')
  const playlist: ReadPlaylist = {
    version: 1,
    targetSeconds: Number.NaN,
    partTargetSeconds: null,
    control: new Map(),
    firstMsn: 0,
    firstDsn: 0,
    skipped: 0,
    segments: [],
    dates: new Map(),
    hint: null,
    reports: [],
    isVod: false,
    ended: false,
    unknown: [],
  }
  let msn = 0
  let dsn = 0
  let map: string | null = null
  let next: ReadSegment | null = null
  let seconds: number | null = null
  const segment = (): ReadSegment => {
    next ??= { ...blank, parts: [], msn, dsn, map }
    return next
  }
  for (const line of text.split('\n').slice(1, -1)) {
    const [, tag = '', value = ''] = /^#([A-Z0-9-]+)(?::(.*))?$/.exec(line) ?? []
    const attributes = readAttributes(value)
    const uri = attributes.get('URI') ?? ''
    switch (tag) {
      case 'EXT-X-VERSION':
        playlist.version = Number(value)
        break
      case 'EXT-X-TARGETDURATION':
        playlist.targetSeconds = Number(value)
        break
      case 'EXT-X-SERVER-CONTROL':
        playlist.control = attributes
        break
      case 'EXT-X-PART-INF':
        playlist.partTargetSeconds = Number(attributes.get('PART-TARGET'))
        break
      case 'EXT-X-MEDIA-SEQUENCE':
        playlist.firstMsn = msn = Number(value)
        break
      case 'EXT-X-DISCONTINUITY-SEQUENCE':
        playlist.firstDsn = dsn = Number(value)
        break
      case 'EXT-X-PLAYLIST-TYPE':
        playlist.isVod = value === 'VOD'
        break
      case 'EXT-X-INDEPENDENT-SEGMENTS':
        break
      case 'EXT-X-SKIP':
        playlist.skipped = Number(attributes.get('SKIPPED-SEGMENTS'))
        msn += playlist.skipped
        break
      case 'EXT-X-DISCONTINUITY':
        dsn += 1
        segment().dsn = dsn
        break
      case 'EXT-X-MAP':
        map = uri
        segment().map = uri
        break
      case 'EXT-X-PROGRAM-DATE-TIME':
        segment().pdtMs = Date.parse(value)
        break
      case 'EXT-X-DATERANGE':
        if (playlist.dates.has(attributes.get('ID') ?? '')) playlist.unknown.push(`again: ${line}`)
        playlist.dates.set(attributes.get('ID') ?? '', value)
        break
      case 'EXT-X-GAP':
        segment().gap = true
        break
      case 'EXT-X-PART':
        segment().parts.push({
          uri,
          seconds: Number(attributes.get('DURATION')),
          independent: attributes.get('INDEPENDENT') === 'YES',
        })
        break
      case 'EXTINF':
        seconds = Number(value.split(',')[0])
        break
      case 'EXT-X-PRELOAD-HINT':
        playlist.hint = uri
        break
      case 'EXT-X-RENDITION-REPORT':
        playlist.reports.push({
          uri,
          lastMsn: Number(attributes.get('LAST-MSN')),
          lastPart: attributes.has('LAST-PART') ? Number(attributes.get('LAST-PART')) : null,
        })
        break
      case 'EXT-X-ENDLIST':
        playlist.ended = true
        break
      default: {
        if (line.startsWith('#') || line === '' || seconds === null) {
          playlist.unknown.push(line)
          break
        }
        playlist.segments.push({ ...segment(), whole: { uri: line, seconds } })
        next = null
        seconds = null
        msn += 1
      }
    }
  }
  if (next) playlist.segments.push(next)
  return playlist
}

/** Replaces what a delta update left out by what the reader had before (RFC 8216bis, 6.3.7). */
export function mergeDelta(before: ReadPlaylist, delta: ReadPlaylist): ReadPlaylist {
  const end = delta.firstMsn + delta.skipped
  const kept = before.segments.filter(({ msn, whole }) => whole && msn >= delta.firstMsn && msn < end)
  const breaks = (kept.at(-1)?.dsn ?? delta.firstDsn) - delta.firstDsn
  const map = kept.at(-1)?.map ?? null
  const fresh = delta.segments.map((segment) => ({
    ...segment,
    dsn: segment.dsn + breaks,
    map: segment.map ?? map,
  }))
  const dates = new Map([...before.dates, ...delta.dates])
  return { ...delta, dates, skipped: delta.skipped - kept.length, segments: [...kept, ...fresh] }
}

function readAttributes(text: string): Map<string, string> {
  const pairs = text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)(?:,|$)/g)
  return new Map([...pairs].map(([, name = '', value = '']) => [name, value.replace(/^"|"$/g, '')]))
}
