/** A variant as `index.m3u8` lists it now. `height` null: sound alone. */
export type Rung = { url: string; height: number | null; bitsPerSecond: number; peakBitsPerSecond: number }

/** Reads a multivariant playlist of ours (RFC 8216bis, 4.4.6.2): one URI a line, sound in each. */
export function parseLadder(text: string, baseUrl: string): Rung[] {
  const rungs: Rung[] = []
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('#EXT-X-STREAM-INF:')) continue
    const uri = lines[index + 1]?.trim()
    const peak = /[:,]BANDWIDTH=(\d+)/.exec(line)?.[1]
    if (!uri || !peak) continue
    const average = /AVERAGE-BANDWIDTH=(\d+)/.exec(line)?.[1]
    const height = /RESOLUTION=\d+x(\d+)/.exec(line)?.[1]
    rungs.push({
      url: new URL(uri, baseUrl).href,
      height: height === undefined ? null : Number(height),
      bitsPerSecond: Number(average ?? peak),
      peakBitsPerSecond: Number(peak),
    })
  }
  return rungs
}

/**
 * What a player took for its renditions, lowest first, against what they are by now: layers that came late, another
 * camera, a run with other layers. `stale`: it has others, or has them in the wrong order.
 */
export function isStale(loaded: readonly string[], ladder: readonly Rung[]): boolean {
  const pictures = ladder.filter(({ height }) => height !== null)
  if (pictures.length === 0) return false
  const heights = loaded.map((url) => pictures.find((rung) => rung.url === url)?.height ?? null)
  if (heights.includes(null) || loaded.length !== pictures.length) return true
  return heights.some((height, index) => index > 0 && (height ?? 0) < (heights[index - 1] ?? 0))
}
