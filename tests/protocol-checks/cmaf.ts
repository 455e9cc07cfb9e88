import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fragment, findBox, readBoxes, readFragments, requireBox } from './boxes'

/** As much of a journal's line as is compared with the bytes. */
type Line = {
  t: string
  variant?: string
  segment?: number
  part?: number
  init?: number
  file: string
  offset?: number
  size?: number
  duration: number
  independent?: boolean
  discontinuity?: boolean
  codecs?: string
  width?: number
  height?: number
}
type Track = { kind: 'vide' | 'soun'; hz: number; sets: string[]; codec: string }
export type Counts = { pictures: number; sounds: number }

const DEFAULT_BASE_IS_MOOF = 0x20000
const BASE_DATA_OFFSET = 0x1
const SPS = 7
const PPS = 8
/** Durations in the journal have six decimals. */
const ROUNDING_SECONDS = 2e-6

/**
 * What is wrong with the bytes of a variant of a run, a sentence for each (RFC 8216bis, 3.1.2; ISO/IEC 14496-12 and -15;
 * CMAF, ISO/IEC 23000-19, but for two tracks in one file), and how many samples there are.
 */
export async function checkMedia(dir: string, all: readonly Line[], variant: string) {
  const lines = all.filter((line) => line.variant === variant)
  const problems: string[] = []
  const counts: Counts = { pictures: 0, sounds: 0 }
  const inits = new Map<number, Map<number, Track>>()
  for (const line of lines.filter(({ t }) => t === 'init')) {
    const bytes = await readFile(join(dir, line.file))
    if (bytes.length !== line.size) problems.push(`${line.file} has ${bytes.length} bytes`)
    const { tracks, wrong } = readInit(bytes, line)
    problems.push(...wrong.map((what) => `${line.file}: ${what}`))
    inits.set(line.init ?? 0, tracks)
  }
  const ends = new Map<number, number>()
  let tracks: Map<number, Track> | undefined
  let sequence = 0
  let last = -1
  for (const line of lines.filter(({ t }) => t === 'part')) {
    const { segment = 0, part = 0, offset = 0, size = 0 } = line
    const say = (what: string) => problems.push(`${variant} ${segment}.${part}: ${what}`)
    if (part === 0) {
      tracks = inits.get(line.init ?? 0)
      // It comes and goes; the others have every number.
      if (segment !== last + 1 && variant === 'aside') ends.clear()
      else if (segment !== last + 1) say(`follows ${last}`)
      last = segment
    }
    const file = await readFile(join(dir, line.file))
    const fragments = readFragments(file.subarray(offset, offset + size))
    const [fragment] = fragments
    if (fragments.length !== 1 || !fragment || !tracks) {
      say(`${fragments.length} fragments, ${tracks?.size} tracks`)
      continue
    }
    if (fragment.sequence !== sequence + 1) say(`sequence number ${fragment.sequence} after ${sequence}`)
    sequence = fragment.sequence
    for (const what of checkFragment(fragment, tracks, ends, line)) say(what)
    for (const { track, samples } of fragment.runs) {
      if (tracks.get(track)?.kind === 'vide') counts.pictures += samples.length
      else counts.sounds += samples.length
    }
  }
  return { problems, counts }
}

function checkFragment(
  { runs, dataBytes }: Fragment,
  tracks: Map<number, Track>,
  ends: Map<number, number>,
  line: Line,
): string[] {
  const problems: string[] = []
  const used = runs.reduce((sum, { samples }) => sum + samples.reduce((n, { size }) => n + size, 0), 0)
  if (used !== dataBytes) problems.push(`${dataBytes} bytes of data, ${used} of samples`)
  for (const { track: id, base, flags, samples } of runs) {
    const track = tracks.get(id)
    if (!track) {
      problems.push(`track ${id} is not in the init segment`)
      continue
    }
    if (!(flags & DEFAULT_BASE_IS_MOOF) || flags & BASE_DATA_OFFSET)
      problems.push(`flags ${flags.toString(16)}`)
    const end = ends.get(id)
    if (end !== undefined && base !== end)
      problems.push(`track ${id} starts at ${base}, the last ended at ${end}`)
    const seconds = samples.reduce((sum, { duration }) => sum + duration, 0) / track.hz
    ends.set(id, base + Math.round(seconds * track.hz))
    const leads = track.kind === 'vide' || !runs.some((run) => tracks.get(run.track)?.kind === 'vide')
    if (leads && Math.abs(seconds - line.duration) > ROUNDING_SECONDS) {
      problems.push(`${seconds} s, and ${line.duration} in the journal`)
    }
    if (track.kind === 'soun' && samples.some(({ duration }) => duration !== 1024))
      problems.push('no AAC frames')
    if (track.kind === 'soun') continue
    if (samples[0]?.sync !== line.independent) problems.push(`independent: ${line.independent}`)
    if (line.part === 0 && !samples[0]?.sync) problems.push('a segment without a key frame')
    for (const { sync, bytes } of samples) problems.push(...checkPicture(bytes, sync, track))
  }
  return problems
}

/** Key frames repeat what the init segment says, and nothing else does. */
function checkPicture(bytes: Buffer, sync: boolean, { sets }: Track): string[] {
  const units = readUnits(bytes)
  const own = units.filter((unit) => [SPS, PPS].includes(toKind(unit))).map((unit) => unit.toString('hex'))
  const isKey = units.some((unit) => toKind(unit) === 5)
  const problems = own.join() === (sync ? sets.join() : '') ? [] : [`parameter sets ${own.join()}`]
  return isKey === sync ? problems : [...problems, sync ? 'no key frame' : 'a key frame that is not marked']
}

const toKind = (unit: Buffer) => (unit[0] ?? 0) & 0x1f

function readUnits(bytes: Buffer): Buffer[] {
  const units: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    units.push(bytes.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return units
}

function readInit(bytes: Buffer, line: Line): { tracks: Map<number, Track>; wrong: string[] } {
  const wrong: string[] = []
  const types = readBoxes(bytes).map(({ type }) => type)
  if (types.join() !== 'ftyp,moov') wrong.push(`boxes ${types.join()}`)
  const brands = requireBox(bytes, ['ftyp']).toString('latin1').match(/.{4}/gs) ?? []
  if (!brands.some((brand) => /^iso[6-9]$/.test(brand))) wrong.push(`brands ${brands.join()}`)
  const moov = readBoxes(requireBox(bytes, ['moov']))
  const extended = readBoxes(requireBox(bytes, ['moov', 'mvex'])).filter(({ type }) => type === 'trex')
  const tracks = new Map<number, Track>()
  for (const { body: trak } of moov.filter(({ type }) => type === 'trak')) {
    const id = requireBox(trak, ['tkhd']).readUInt32BE(12)
    if (findBox(trak, ['edts'])) wrong.push('an edit list')
    if (!extended.some(({ body }) => body.readUInt32BE(4) === id)) wrong.push(`track ${id} is not extended`)
    const table = ['mdia', 'minf', 'stbl']
    if (requireBox(trak, [...table, 'stsz']).readUInt32BE(8) !== 0) wrong.push('samples in the init segment')
    const entry = readBoxes(requireBox(trak, [...table, 'stsd']).subarray(8))[0]
    const hz = requireBox(trak, ['mdia', 'mdhd']).readUInt32BE(12)
    if (entry?.type === 'avc1') tracks.set(id, { kind: 'vide', hz, ...readAvc1(entry.body, line, wrong) })
    else if (entry?.type === 'mp4a')
      tracks.set(id, { kind: 'soun', hz, sets: [], codec: readMp4a(entry.body) })
    else wrong.push(`a sample entry ${entry?.type}`)
  }
  const codecs = [...tracks.values()].map(({ codec }) => codec).join()
  if (codecs !== line.codecs) wrong.push(`holds ${codecs}, the journal says ${line.codecs}`)
  return { tracks, wrong }
}

/** ISO/IEC 14496-15, 5.3.3.1. */
function readAvc1(entry: Buffer, { width, height }: Line, wrong: string[]): Pick<Track, 'sets' | 'codec'> {
  const size = `${entry.readUInt16BE(24)}x${entry.readUInt16BE(26)}`
  if (size !== `${width}x${height}`) wrong.push(`${size}, and ${width}x${height} in the journal`)
  const avcc = requireBox(entry.subarray(78), ['avcC'])
  if ((avcc.readUInt8(4) & 3) !== 3) wrong.push('lengths of less than four bytes')
  const sps = avcc.subarray(8, 8 + avcc.readUInt16BE(6))
  const after = 8 + sps.length + 1
  const pps = avcc.subarray(after + 2, after + 2 + avcc.readUInt16BE(after))
  if (avcc.subarray(1, 4).toString('hex') !== sps.subarray(1, 4).toString('hex'))
    wrong.push('avcC and SPS differ')
  return {
    sets: [sps.toString('hex'), pps.toString('hex')],
    codec: `avc1.${sps.subarray(1, 4).toString('hex')}`,
  }
}

/** The AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of 48 kHz stereo AAC-LC is these two bytes. */
function readMp4a(entry: Buffer): string {
  const esds = requireBox(entry.subarray(28), ['esds'])
  const isLowComplexity = esds.includes(Buffer.from([0x11, 0x90]))
  return isLowComplexity ? 'mp4a.40.2' : 'mp4a of another kind'
}
