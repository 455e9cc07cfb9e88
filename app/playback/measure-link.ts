/** Long enough to get past slow start, short enough that the sound has in reserve what it takes. */
const MEASURE_MS = 2_000
/** Less says more about the first packet than about the link. */
const LEAST_BYTES = 8_000

/**
 * Bits per second with which the newest segment of a media playlist comes, by loading it for two seconds at most;
 * null where nothing could be learnt.
 */
export async function measureLink(playlistUrl: string, signal: AbortSignal): Promise<number | null> {
  try {
    const playlist = await fetch(playlistUrl, { signal })
    if (!playlist.ok) return null
    const newest = (await playlist.text())
      .split('\n')
      .findLast((line) => line !== '' && !line.startsWith('#'))
    if (!newest) return null
    const response = await fetch(new URL(newest, playlist.url), { signal, cache: 'no-store' })
    const reader = response.ok ? response.body?.getReader() : null
    return reader ? await readFor(reader, MEASURE_MS) : null
  } catch {
    return null
  }
}

async function readFor(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  forMs: number,
): Promise<number | null> {
  const since = performance.now()
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    const elapsedMs = performance.now() - since
    bytes += value?.byteLength ?? 0
    if (!done && elapsedMs < forMs) continue
    void reader.cancel()
    return bytes < LEAST_BYTES ? null : (bytes * 8 * 1_000) / Math.max(1, elapsedMs)
  }
}
