import { toPlaylistName, toReplayName } from './names'
import { findEdge, type Timeline } from './timeline'

/** The second picture has a playlist of its own: `aside.m3u8` is another view, not a rendition of this one. */
const ASIDE = 'aside'

type Entry = { bandwidth: number; line: string; uri: string; isVideo: boolean }

/**
 * Whether there is something to play: every variant that the worker announced has a whole segment. Before that
 * a player would find an empty playlist, or keep a list of variants from which one is missing.
 */
export function isStarted(timeline: Timeline): boolean {
  const first = timeline.spans[0]
  if (!first || !timeline.variants.some((variant) => toEntry(timeline, variant))) return false
  return timeline.variants.every((variant) => findEdge(timeline, variant).nextMsn > first.base)
}

/** Renders `index.m3u8`; bit rates are measured from the segments so far. Once ended it leads to the replay. */
export function renderMultivariant(timeline: Timeline): string {
  const entries = timeline.variants.flatMap((variant) => toEntry(timeline, variant) ?? [])
  entries.sort((a, b) => Number(b.isVideo) - Number(a.isVideo) || b.bandwidth - a.bandwidth)
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS']
  for (const { line, uri } of entries) lines.push(line, uri)
  return `${lines.join('\n')}\n`
}

function toEntry(timeline: Timeline, variant: string): Entry | null {
  if (variant === ASIDE) return null
  const records = timeline.spans.flatMap(({ record }) => record?.variants.get(variant) ?? [])
  const init = records.findLast(({ latestInit }) => latestInit !== null)?.latestInit
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0)
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0)
  if (!init || seconds === 0) return null
  const average = Math.ceil((bytes * 8) / seconds)
  const peak = Math.ceil(Math.max(average, ...records.map((record) => record.peakBitsPerSecond)))
  const isVideo = init.width !== undefined && init.height !== undefined
  const attributes = [
    `BANDWIDTH=${peak}`,
    `AVERAGE-BANDWIDTH=${average}`,
    `CODECS="${init.codecs}"`,
    ...(isVideo ? [`RESOLUTION=${init.width}x${init.height}`] : []),
    ...(init.frameRate ? [`FRAME-RATE=${init.frameRate.toFixed(3)}`] : []),
  ]
  const isReplay = timeline.ended && timeline.recorded
  return {
    bandwidth: peak,
    line: `#EXT-X-STREAM-INF:${attributes.join(',')}`,
    uri: isReplay ? toReplayName(variant) : toPlaylistName(variant),
    isVideo,
  }
}
