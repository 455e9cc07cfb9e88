import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type TapePart = { bytes: Buffer; seconds: number; independent: boolean }
/** A recording cut as the worker cuts: an init segment, and segments of about 2 s made of parts of 0.23 s. */
export type Tape = { variant: string; init: Buffer; codecs: string; segments: TapePart[][] }

const FRAME_RATE = 30
const SEGMENT_SECONDS = 2
const PART_MICROSECONDS = 230_000
const TIMESCALES = { main: 90_000, audio: 48_000 }

/** Encodes a test picture and a tone with ffmpeg: `main` has both, `audio` the tone alone. The last 2 s are cut off. */
export async function recordTapes(seconds: number, size = '320x180'): Promise<Tape[]> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-tape-'))
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`]
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${FRAME_RATE}:duration=${seconds}`]
  const aac = ['-c:a', 'aac', '-b:a', '64k']
  const frames = String(FRAME_RATE * SEGMENT_SECONDS)
  const h264 = [
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-profile:v',
      'baseline',
      '-pix_fmt',
      'yuv420p',
      '-bf',
      '0',
    ],
    ...['-g', frames, '-keyint_min', frames, '-sc_threshold', '0', '-video_track_timescale', '90000'],
  ]
  const flags = 'empty_moov+default_base_moof+frag_keyframe+skip_trailer'
  const fragments = ['-movflags', flags, '-frag_duration', String(PART_MICROSECONDS), '-f', 'mp4']
  const quiet = ['-hide_banner', '-loglevel', 'error', '-y']
  try {
    await run('ffmpeg', [
      ...quiet,
      ...picture,
      ...sound,
      ...h264,
      ...aac,
      ...fragments,
      join(dir, 'main.mp4'),
    ])
    const audioFlags = fragments.map((value) => value.replace('+frag_keyframe', ''))
    await run('ffmpeg', [...quiet, ...sound, ...aac, ...audioFlags, join(dir, 'audio.mp4')])
    return [
      toTape('main', await readFile(join(dir, 'main.mp4')), 'avc1.42c00d,mp4a.40.2'),
      toTape('audio', await readFile(join(dir, 'audio.mp4')), 'mp4a.40.2'),
    ]
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function toTape(variant: 'main' | 'audio', file: Buffer, codecs: string): Tape {
  const boxes = readBoxes(file)
  const firstMoof = boxes.findIndex(({ type }) => type === 'moof')
  const init = file.subarray(0, boxes[firstMoof]?.start)
  const moofs = boxes.filter(({ type }) => type === 'moof')
  const starts = moofs.map(({ start, end }) => readStart(file.subarray(start, end)) / TIMESCALES[variant])
  const first = starts[0] ?? 0
  const segments: TapePart[][] = []
  for (const [index, moof] of moofs.entries()) {
    const next = starts[index + 1]
    const start = starts[index] ?? 0
    // The length of the last one is unknown, so it is left out.
    if (next === undefined) break
    const number = Math.floor((start - first + 0.001) / SEGMENT_SECONDS)
    const parts = segments[number] ?? []
    segments[number] = parts
    const bytes = file.subarray(moof.start, moofs[index + 1]?.start)
    parts.push({ bytes, seconds: next - start, independent: variant === 'audio' || parts.length === 0 })
  }
  // The last segment lacks its last part.
  return { variant, init, codecs, segments: segments.slice(0, -1) }
}

type Box = { type: string; start: number; end: number }

function readBoxes(bytes: Buffer, from = 0): Box[] {
  const boxes: Box[] = []
  for (let start = from; start + 8 <= bytes.length; ) {
    const end = start + bytes.readUInt32BE(start)
    boxes.push({ type: bytes.toString('latin1', start + 4, start + 8), start, end })
    start = end
  }
  return boxes
}

/** Base media decode time of the first track in a `moof` (ISO 14496-12, 8.8.12). */
function readStart(moof: Buffer): number {
  const find = (bytes: Buffer, type: string) => {
    const box = readBoxes(bytes, 8).find((candidate) => candidate.type === type)
    if (!box) throw new Error(`no ${type}`)
    return bytes.subarray(box.start, box.end)
  }
  const tfdt = find(find(moof, 'traf'), 'tfdt')
  return tfdt[8] === 1 ? Number(tfdt.readBigUInt64BE(12)) : tfdt.readUInt32BE(12)
}
