/** A box of an ISO base media file (ISO/IEC 14496-12, 4.2): `body` is what follows its size and type. */
export type Box = { type: string; start: number; end: number; body: Buffer }

export function readBoxes(bytes: Buffer, from = 0): Box[] {
  const boxes: Box[] = []
  for (let start = from; start < bytes.length; ) {
    const size = start + 8 <= bytes.length ? bytes.readUInt32BE(start) : 0
    if (size < 8 || start + size > bytes.length) throw new Error(`a box of ${size} bytes at ${start}`)
    const type = bytes.toString('latin1', start + 4, start + 8)
    boxes.push({ type, start, end: start + size, body: bytes.subarray(start + 8, start + size) })
    start += size
  }
  return boxes
}

/** The one box of that path. */
export function findBox(bytes: Buffer, [type = '', ...rest]: string[]): Buffer | null {
  const found = readBoxes(bytes).find((box) => box.type === type)
  if (!found) return null
  return rest.length === 0 ? found.body : findBox(found.body, rest)
}

export function requireBox(bytes: Buffer, path: string[]): Buffer {
  const found = findBox(bytes, path)
  if (!found) throw new Error(`no ${path.join('/')}`)
  return found
}

export type Sample = { at: number; duration: number; size: number; sync: boolean; bytes: Buffer }
export type Run = { track: number; base: number; flags: number; samples: Sample[] }
/** A movie fragment with its data. */
export type Fragment = { sequence: number; runs: Run[]; dataBytes: number }

const NON_SYNC = 0x10000

/** Reads `moof` and `mdat` in turn; throws where there is anything else, or no data for a sample. */
export function readFragments(bytes: Buffer): Fragment[] {
  const boxes = readBoxes(bytes)
  const fragments: Fragment[] = []
  for (let index = 0; index < boxes.length; index += 2) {
    const [moof, mdat] = [boxes[index], boxes[index + 1]]
    if (moof?.type !== 'moof' || mdat?.type !== 'mdat') throw new Error(`${moof?.type} ${mdat?.type}`)
    const trafs = readBoxes(moof.body).filter(({ type }) => type === 'traf')
    fragments.push({
      sequence: requireBox(moof.body, ['mfhd']).readUInt32BE(4),
      runs: trafs.map(({ body }) => readRun(body, bytes, moof.start, mdat)),
      dataBytes: mdat.body.length,
    })
  }
  return fragments
}

function readRun(traf: Buffer, bytes: Buffer, moofStart: number, mdat: Box): Run {
  const header = requireBox(traf, ['tfhd'])
  const flags = header.readUInt32BE(0) & 0xffffff
  let at = 8
  const next = (bit: number, size: number) => {
    if (!(flags & bit)) return undefined
    at += size
    return header.readUInt32BE(at - 4)
  }
  next(0x1, 8)
  next(0x2, 4)
  const defaults = { duration: next(0x8, 4), size: next(0x10, 4), flags: next(0x20, 4) }
  const decodeTime = requireBox(traf, ['tfdt'])
  const base = decodeTime[0] === 1 ? Number(decodeTime.readBigUInt64BE(4)) : decodeTime.readUInt32BE(4)
  return { track: header.readUInt32BE(4), base, flags, samples: readSamples() }

  function readSamples(): Sample[] {
    const trun = requireBox(traf, ['trun'])
    const has = trun.readUInt32BE(0) & 0xffffff
    const count = trun.readUInt32BE(4)
    if (!(has & 0x1)) throw new Error('no data offset')
    let offset = moofStart + trun.readInt32BE(8)
    let place = 12
    const take = (bit: number) => {
      if (!(has & bit)) return undefined
      place += 4
      return trun.readUInt32BE(place - 4)
    }
    const firstFlags = take(0x4)
    let time = base
    return Array.from({ length: count }, (_, index) => {
      const duration = take(0x100) ?? defaults.duration ?? 0
      const size = take(0x200) ?? defaults.size ?? 0
      const own = take(0x400) ?? (index === 0 ? firstFlags : undefined) ?? defaults.flags ?? 0
      if (take(0x800)) throw new Error('a composition offset')
      if (offset < mdat.start + 8 || offset + size > mdat.end) throw new Error('a sample outside of mdat')
      const sample = {
        at: time,
        duration,
        size,
        sync: !(own & NON_SYNC),
        bytes: bytes.subarray(offset, offset + size),
      }
      offset += size
      time += duration
      return sample
    })
  }
}
