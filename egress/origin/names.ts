/** What the last part of a URL may ask for. Files are found by these names in the timeline, never on the disk. */
export type Resource =
  | { kind: 'multivariant' }
  | { kind: 'playlist'; variant: string; whole: boolean }
  | { kind: 'init'; runId: string; variant: string; init: number }
  | { kind: 'segment'; runId: string; variant: string; number: number }
  | { kind: 'part'; runId: string; variant: string; number: number; part: number }

export const MULTIVARIANT_NAME = 'index.m3u8'

const VARIANT = '([A-Za-z0-9_-]{1,32})'
const RUN = '([A-Za-z0-9_-]{1,64})'
/** No sign, no leading zero: one name for one thing. */
const NUMBER = '(0|[1-9]\\d{0,8})'
const playlist = new RegExp(`^${VARIANT}(\\.replay)?\\.m3u8$`)
const init = new RegExp(`^${RUN}/${VARIANT}-init-${NUMBER}\\.mp4$`)
const media = new RegExp(`^${RUN}/${VARIANT}-${NUMBER}(?:\\.${NUMBER})?\\.m4s$`)

export const toPlaylistName = (variant: string) => `${variant}.m3u8`
/** The whole class, once it has ended. Another name than the live window: its media sequence starts anew. */
export const toReplayName = (variant: string) => `${variant}.replay.m3u8`
/** Names hold the run, so they never mean other bytes, whatever becomes of the plan. */
export const toInitName = (runId: string, variant: string, number: number) =>
  `${runId}/${variant}-init-${number}.mp4`
export const toSegmentName = (runId: string, variant: string, number: number) =>
  `${runId}/${variant}-${number}.m4s`
export const toPartName = (runId: string, variant: string, number: number, part: number) =>
  `${runId}/${variant}-${number}.${part}.m4s`

/** Parses the path below `/{token}/{classId}/`, as it came: what needs decoding is none of our names. */
export function parseName(name: string): Resource | null {
  if (name === MULTIVARIANT_NAME) return { kind: 'multivariant' }
  const list = playlist.exec(name)
  if (list?.[1]) return { kind: 'playlist', variant: list[1], whole: list[2] !== undefined }
  const header = init.exec(name)
  if (header?.[1] && header[2]) {
    return { kind: 'init', runId: header[1], variant: header[2], init: Number(header[3]) }
  }
  const bytes = media.exec(name)
  if (!bytes?.[1] || !bytes[2]) return null
  const [, runId, variant, number, part] = bytes
  if (part === undefined) return { kind: 'segment', runId, variant, number: Number(number) }
  return { kind: 'part', runId, variant, number: Number(number), part: Number(part) }
}
