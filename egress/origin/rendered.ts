import { toRenderedHeaders } from './answer'
import type { PlaylistBody } from './media-playlist'
import { extendCrc, NOTHING, packBehind } from './packed'

/** One form of a playlist as it goes out: bytes that all who get it share, and their validator (RFC 9110, 8.8.3). */
type Encoded = { bytes: Buffer; etag: string; headers: string[] }
export type Rendered = { plain: Encoded; gzip(): Encoded }

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'

export function toRendered({ beginning, rest }: PlaylistBody, type = PLAYLIST_TYPE): Rendered {
  const tail = Buffer.from(rest)
  const bytes = beginning === NOTHING ? tail : Buffer.concat([beginning.plain, tail])
  // A validator tells one version of a playlist from the next: 32 bits and the length do. Origins agree on it.
  const version = `${extendCrc(beginning.crc, tail).toString(36)}.${bytes.length.toString(36)}`
  const etag = `"${version}"`
  let packed: Encoded | null = null

  function pack(): Encoded {
    const packedBytes = packBehind(beginning, tail)
    const packedTag = `"${version}.gz"`
    const headers = toRenderedHeaders(type, packedBytes.length, packedTag, 'gzip')
    return { bytes: packedBytes, etag: packedTag, headers }
  }

  return {
    plain: { bytes, etag, headers: toRenderedHeaders(type, bytes.length, etag) },
    gzip() {
      packed ??= pack()
      return packed
    },
  }
}

export function toRenderedText(text: string, type = PLAYLIST_TYPE): Rendered {
  return toRendered({ beginning: NOTHING, rest: text }, type)
}
