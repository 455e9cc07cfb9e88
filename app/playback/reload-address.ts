/**
 * Without parts, hls.js would ask for the last part of a segment, which may never come, and looks again 2 s later. Asked
 * for the first part behind it, the origin answers with the whole segment, and hls.js asks on at once: where it finds
 * nothing begun behind a segment, it waits for as long as that one lasts.
 */
export function toWholeSegments(playlistUrl: string): string {
  return playlistUrl.replace(
    /_HLS_msn=(\d+)&_HLS_part=\d+/,
    (_asked, msn: string) => `_HLS_msn=${Number(msn) + 1}&_HLS_part=0`,
  )
}

/**
 * A broadcast that stops may close with a segment without parts. hls.js goes on asking for a part of the one before it,
 * gets what it has, and looks again 2 s later. `lastMsn`: of the newest whole segment it knows, as far as known.
 */
export function toNextPart(playlistUrl: string, lastMsn: number | undefined): string {
  const asked = /_HLS_msn=(\d+)&_HLS_part=\d+/.exec(playlistUrl)
  if (!asked || lastMsn === undefined || Number(asked[1]) >= lastMsn) return playlistUrl
  return playlistUrl.replace(asked[0], `_HLS_msn=${lastMsn + 1}&_HLS_part=0`)
}
