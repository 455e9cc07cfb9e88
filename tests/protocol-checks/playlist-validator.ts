import type { ReadPlaylist, ReadSegment } from './media-playlist'

/** Half a sample of 48 kHz audio is 0.01 ms; playlists round to that. */
const ROUNDING_SECONDS = 0.0005
/** Dates follow a clock that is slewed, so they need not add up to the millisecond. */
const DATE_TOLERANCE_MS = 100
/** A gap lasts as long as the segment does in other renditions; a second picture that comes back may be so much later. */
const GAP_TOLERANCE_MS = 1_000

/** What is wrong with a playlist by itself, a sentence for each (RFC 8216bis). Empty: nothing. */
export function checkPlaylist(playlist: ReadPlaylist): string[] {
  const { targetSeconds, segments } = playlist
  const problems: string[] = playlist.unknown.map((line) => `line of no known kind: ${line}`)
  if (playlist.version < (playlist.control.has('CAN-SKIP-DATERANGES') ? 10 : 9))
    problems.push(`version ${playlist.version} is too low`)
  if (!Number.isInteger(targetSeconds) || targetSeconds < 1) problems.push('no integer TARGETDURATION')
  problems.push(...checkControl(playlist), ...checkUris(playlist), ...checkDateRanges(playlist))
  for (const segment of segments) problems.push(...checkSegment(playlist, segment))
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1]
    if (before) problems.push(...checkDates(before, segment))
    if (!segment.whole && index < segments.length - 1) problems.push(`${segment.msn} is open before the edge`)
  }
  if (playlist.ended && playlist.hint) problems.push('a hint after the end')
  if (playlist.ended && segments.some(({ whole }) => !whole)) problems.push('an open segment after the end')
  if (playlist.isVod && !playlist.ended) problems.push('VOD without an end')
  return problems
}

/** What is wrong with a playlist as the successor of another that the same player has loaded. */
export function checkReload(before: ReadPlaylist, after: ReadPlaylist): string[] {
  const problems: string[] = []
  if (before.targetSeconds !== after.targetSeconds) problems.push('TARGETDURATION changed')
  if (before.partTargetSeconds !== after.partTargetSeconds) problems.push('PART-TARGET changed')
  if (after.firstMsn < before.firstMsn)
    problems.push(`media sequence ${before.firstMsn} -> ${after.firstMsn}`)
  if (after.firstDsn < before.firstDsn) problems.push('discontinuity sequence went back')
  if (before.ended && !after.ended) problems.push('ENDLIST was taken back')
  const last = before.segments.at(-1)
  if (last && after.firstMsn > last.msn + 1)
    problems.push('segments were removed that nobody could have seen')
  if (after.firstMsn > before.firstMsn && sumSeconds(after.segments) < 3 * after.targetSeconds) {
    problems.push('less than three target durations are left')
  }
  for (const [id, text] of before.dates) {
    const is = after.dates.get(id)
    if (is === undefined && after.firstMsn === before.firstMsn) problems.push(`the date ${id} is gone`)
    if (is !== undefined && is !== text) problems.push(`the date ${id} changed`)
  }
  const now = new Map(after.segments.map((segment) => [segment.msn, segment]))
  for (const was of before.segments) {
    if (was.msn < after.firstMsn) continue
    const is = now.get(was.msn)
    if (is) problems.push(...checkSame(was, is))
    else problems.push(`${was.msn} is gone`)
  }
  return problems
}

function checkControl({
  control,
  targetSeconds,
  partTargetSeconds,
  segments,
  isVod,
}: ReadPlaylist): string[] {
  const problems: string[] = []
  if (isVod) return segments.some(({ parts }) => parts.length > 0) ? ['parts in a VOD playlist'] : []
  const hasParts = segments.some(({ parts }) => parts.length > 0)
  // Segments alone, as of an engine that knows no parts.
  if (partTargetSeconds === null) return hasParts ? ['no PART-INF'] : []
  const holdBack = Number(control.get('PART-HOLD-BACK'))
  if (!(holdBack >= 3 * partTargetSeconds)) problems.push('PART-HOLD-BACK is under three part targets')
  if (!(Number(control.get('CAN-SKIP-UNTIL')) >= 6 * targetSeconds)) problems.push('CAN-SKIP-UNTIL too low')
  if (control.get('CAN-BLOCK-RELOAD') !== 'YES') problems.push('cannot block reloads')
  return problems
}

/** RFC 8216bis, 4.4.5.1. */
function checkDateRanges({ dates }: ReadPlaylist): string[] {
  return [...dates].flatMap(([id, text]) => {
    const start = /(?:^|,)START-DATE="([^"]+)"/.exec(text)?.[1] ?? ''
    const problems: string[] = []
    if (id === '') problems.push('a date without ID')
    if (Number.isNaN(Date.parse(start))) problems.push(`the date ${id} starts never`)
    if (/END-ON-NEXT=YES/.test(text) && !/CLASS="/.test(text)) problems.push(`the date ${id} has no class`)
    if (/END-ON-NEXT=YES/.test(text) && /DURATION=|END-DATE=/.test(text)) problems.push(`${id} ends twice`)
    return problems
  })
}

function checkUris({ segments, hint, reports }: ReadPlaylist): string[] {
  const media = segments.flatMap(({ parts, whole }) =>
    [...parts, ...(whole ? [whole] : [])].map(({ uri }) => uri),
  )
  const maps = segments.flatMap(({ map }) => map ?? [])
  const all = [...media, ...maps, ...reports.map(({ uri }) => uri), ...(hint ? [hint] : [])]
  const absolute = all.filter((uri) => !/^[A-Za-z0-9_-][A-Za-z0-9_./-]*$/.test(uri) || uri.includes('..'))
  const seen = new Set(hint ? [hint] : [])
  const repeated = media.filter((uri) => seen.size === seen.add(uri).size)
  return [
    ...absolute.map((uri) => `not a plain relative URI: ${uri}`),
    ...repeated.map((uri) => `listed twice: ${uri}`),
  ]
}

function checkSegment(playlist: ReadPlaylist, segment: ReadSegment): string[] {
  const { targetSeconds, partTargetSeconds, skipped } = playlist
  const { msn, parts, whole, gap } = segment
  const problems: string[] = []
  if (whole && Math.round(whole.seconds) > targetSeconds) problems.push(`${msn} lasts ${whole.seconds} s`)
  if (whole && !(whole.seconds > 0)) problems.push(`${msn} lasts nothing`)
  if (!gap && segment.map === null && skipped === 0) problems.push(`${msn} has no init segment`)
  if (!gap && segment.pdtMs === null) problems.push(`${msn} has no date`)
  if (parts.length > 0 && !parts[0]?.independent) problems.push(`${msn} does not start independent`)
  const partSeconds = parts.reduce((sum, part) => sum + part.seconds, 0)
  if (whole && parts.length > 0 && Math.abs(partSeconds - whole.seconds) > ROUNDING_SECONDS * parts.length) {
    problems.push(`parts of ${msn} last ${partSeconds} s, the whole ${whole.seconds} s`)
  }
  for (const [index, { seconds }] of parts.entries()) {
    const isLast = index === parts.length - 1
    const target = partTargetSeconds ?? 0
    if (seconds > target + ROUNDING_SECONDS) problems.push(`part ${msn}.${index} lasts ${seconds} s`)
    if (!isLast && seconds < 0.85 * target - ROUNDING_SECONDS)
      problems.push(`part ${msn}.${index} lasts only ${seconds} s`)
  }
  return problems
}

function checkDates(before: ReadSegment, after: ReadSegment): string[] {
  if (before.dsn !== after.dsn || !before.whole || before.pdtMs === null || after.pdtMs === null) return []
  const errorMs = after.pdtMs - before.pdtMs - before.whole.seconds * 1000
  const tolerance = before.gap || after.gap ? GAP_TOLERANCE_MS : DATE_TOLERANCE_MS
  return Math.abs(errorMs) > tolerance ? [`the date of ${after.msn} is off by ${errorMs} ms`] : []
}

function checkSame(was: ReadSegment, is: ReadSegment): string[] {
  const problems: string[] = []
  const differs = (what: string) => problems.push(`${what} of ${was.msn} changed`)
  if (was.dsn !== is.dsn) differs('the discontinuity sequence')
  if (was.map !== null && was.map !== is.map) differs('the init segment')
  if (was.pdtMs !== is.pdtMs) differs('the date')
  if (was.gap && !is.gap) differs('the gap')
  if (was.whole && JSON.stringify(was.whole) !== JSON.stringify(is.whole)) differs('the URI or the duration')
  const isTrimmed = is.whole !== null && is.parts.length === 0
  const kept = JSON.stringify(is.parts.slice(0, was.parts.length)) === JSON.stringify(was.parts)
  if (!isTrimmed && !kept) differs('a part')
  return problems
}

function sumSeconds(segments: readonly ReadSegment[]): number {
  return segments.reduce((sum, { whole }) => sum + (whole?.seconds ?? 0), 0)
}
