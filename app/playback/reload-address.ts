/**
 * Without parts, hls.js waits for the last part of a segment, when that is not listed as a whole yet, and looks again
 * 2 s later. Asked without a part, the origin answers when it is (RFC 8216bis, 6.2.5.2).
 */
export const toWholeSegments = (playlistUrl: string) => playlistUrl.replace(/&_HLS_part=\d+/, '')

/**
 * A broadcast that stops may close with a segment without parts. hls.js goes on asking for a part of the one before it,
 * gets what it has, and looks again 2 s later. `lastMsn`: of the newest whole segment it knows, as far as known.
 */
export function toNextPart(playlistUrl: string, lastMsn: number | undefined): string {
  const asked = /_HLS_msn=(\d+)&_HLS_part=\d+/.exec(playlistUrl)
  if (!asked || lastMsn === undefined || Number(asked[1]) >= lastMsn) return playlistUrl
  return playlistUrl.replace(asked[0], `_HLS_msn=${lastMsn + 1}&_HLS_part=0`)
}
