import type { InitLine } from './journal'
import { hasReplay } from './kept'
import { toPlaylistName, toReplayName } from './names'
import type { Timeline } from './timeline'
import { findNewestWhole, toDistinct, toListed } from './variants'

type Entry = { bandwidth: number; line: string; uri: string; isVideo: boolean }

/** Renders `index.m3u8`; bit rates are measured from the segments so far. Once ended it leads to the replay. */
export function renderMultivariant(timeline: Timeline): string {
  const entries = toDistinct(timeline, toListed(timeline)).flatMap(
    (variant) => toEntry(timeline, variant) ?? [],
  )
  entries.sort((a, b) => Number(b.isVideo) - Number(a.isVideo) || b.bandwidth - a.bandwidth)
  const lines = ['#EXTM3U', '#EXT-X-VERSION:10', '#EXT-X-INDEPENDENT-SEGMENTS']
  for (const { line, uri } of entries) lines.push(line, uri)
  return `${lines.join('\n')}\n`
}

function toEntry(timeline: Timeline, variant: string): Entry | null {
  const { spans } = timeline
  const inits: InitLine[] = []
  let bytes = 0
  let seconds = 0
  let peak = 0
  for (const span of spans) {
    const record = span.record?.variants.get(variant)
    const newest = record && findNewestWhole(span, record)
    if (!record || !newest?.through) continue
    bytes += newest.through.bytes
    seconds += newest.through.seconds
    peak = Math.max(peak, newest.through.peakBitsPerSecond)
    // An init segment that nothing whole was listed with may be one that another origin has not seen.
    for (const [number, init] of record.inits) if (number <= newest.init) inits.push(init)
  }
  if (inits.length === 0 || seconds === 0) return null
  const average = Math.ceil((bytes * 8) / seconds)
  const bandwidth = Math.ceil(Math.max(average, peak))
  const { width, height } = toLargest(inits)
  const isVideo = width !== undefined && height !== undefined
  const frameRate = Math.max(0, ...inits.map((init) => init.frameRate ?? 0))
  const attributes = [
    `BANDWIDTH=${bandwidth}`,
    `AVERAGE-BANDWIDTH=${average}`,
    `CODECS="${toCodecs(inits)}"`,
    ...(isVideo ? [`RESOLUTION=${width}x${height}`] : []),
    ...(frameRate > 0 ? [`FRAME-RATE=${frameRate.toFixed(3)}`] : []),
  ]
  return {
    bandwidth,
    line: `#EXT-X-STREAM-INF:${attributes.join(',')}`,
    uri: hasReplay(timeline) ? toReplayName(variant) : toPlaylistName(variant),
    isVideo,
  }
}

function toLargest(inits: readonly InitLine[]): InitLine {
  return inits.reduce((largest, init) => (toPixels(init) >= toPixels(largest) ? init : largest))
}

function toPixels({ width = 0, height = 0 }: InitLine): number {
  return width * height
}

/**
 * Of each format what asks most of a decoder: `avc1.PPCCLL` is profile, constraints and level in hex, so the
 * greater level, then profile. A list of all would make players doubt that one decoder takes them.
 */
function toCodecs(inits: readonly InitLine[]): string {
  const hardest = new Map<string, string>()
  for (const codec of inits.flatMap(({ codecs }) => codecs.split(','))) {
    const format = codec.split('.', 1)[0] ?? codec
    const known = hardest.get(format)
    if (known === undefined || toDemand(codec) > toDemand(known)) hardest.set(format, codec)
  }
  return [...hardest.values()].join(',')
}

function toDemand(codec: string): string {
  const [format, hex = ''] = codec.split('.', 2)
  return format === 'avc1' ? hex.slice(4).toLowerCase() + hex.slice(0, 2).toLowerCase() : hex
}
