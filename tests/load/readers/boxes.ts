const FRAGMENTS = /^(moof mdat)( moof mdat)*$/

/** Says that these bytes are boxes and nothing more (ISO/IEC 14496-12, 4.2): an init segment, or fragments. */
export function areWholeBoxes(bytes: Buffer): boolean {
  const kinds: string[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) return false
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) return false
    kinds.push(bytes.toString('latin1', at + 4, at + 8))
    at += size
  }
  const known = kinds.filter((kind) => ['ftyp', 'moov', 'moof', 'mdat'].includes(kind)).join(' ')
  return known === 'ftyp moov' || FRAGMENTS.test(known)
}
