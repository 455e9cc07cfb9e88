import type { PlaylistBody } from './media-playlist'
import { extendCrc, NOTHING, packBehind } from './packed'

/** One form of a playlist as it goes out: bytes that all who get it share, and their validator (RFC 9110, 8.8.3). */
export type Encoded = { bytes: Buffer; etag: string }
export type Rendered = { plain: Encoded; gzip(): Encoded }

export function toRendered({ beginning, rest }: PlaylistBody): Rendered {
  const tail = Buffer.from(rest)
  const bytes = beginning === NOTHING ? tail : Buffer.concat([beginning.plain, tail])
  // A validator tells one version of a playlist from the next: 32 bits and the length do. Origins agree on it.
  const version = `${extendCrc(beginning.crc, tail).toString(36)}.${bytes.length.toString(36)}`
  let packed: Encoded | null = null
  return {
    plain: { bytes, etag: `"${version}"` },
    gzip() {
      packed ??= { bytes: packBehind(beginning, tail), etag: `"${version}.gz"` }
      return packed
    },
  }
}

export function toRenderedText(text: string): Rendered {
  return toRendered({ beginning: NOTHING, rest: text })
}
