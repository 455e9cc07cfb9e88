import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pino from 'pino'
import { createConversion } from '../../egress/origin/official/conversion'

const run = promisify(execFile)
/** What livekit/egress writes in a second, smaller: main profile with B-frames, AAC at 44.1 kHz, from an hour on. */
const FRAMES_PER_SECOND = 10
const video = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-profile:v',
  'main',
  '-bf',
  '2',
  '-pix_fmt',
  'yuv420p',
]
const cut = ['-f', 'segment', '-segment_time', '1', '-segment_format', 'mpegts']

/** Segments of one second of a film that ffmpeg makes of `picture` (a filter graph of the given length). */
export async function makeSegments(dir: string, picture: string, seconds: number): Promise<string[]> {
  await mkdir(dir, { recursive: true })
  const pictures = ['-f', 'lavfi', '-i', `${picture}`]
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100']
  const keys = ['-force_key_frames', 'expr:gte(t,n_forced)', '-c:a', 'aac', '-ac', '2']
  const when = ['-t', `${seconds}`, '-output_ts_offset', '3600']
  const input = ['-v', 'error', ...pictures, ...sound]
  await run('ffmpeg', [...input, ...video, ...keys, ...when, ...cut, join(dir, 'seg_%05d.ts')])
  return (await readdir(dir)).filter((name) => name.endsWith('.ts')).sort()
}

export const toSource = (size: string) => `testsrc2=size=${size}:rate=${FRAMES_PER_SECOND}`
export const toPlain = (colour: string, size: string) =>
  `color=${colour}:size=${size}:rate=${FRAMES_PER_SECOND}`

/** A run as the engine writes it, step by step, with an origin that converts it. */
export function createEngineRun(
  root: string,
  runId: string,
  from: string,
  files: readonly string[],
  begin: number,
) {
  const dir = join(root, runId)
  let conversion: ReturnType<typeof createConversion> | null = null
  const problems: { level: number; msg: string; err: { message: string } }[] = []
  const logger = pino({}, { write: (line: string) => void problems.push(JSON.parse(line)) })
  const toEntry = (name: string, index: number) =>
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(begin + index * 1000).toISOString()}\n#EXTINF:1.000,\n${name}\n`
  const toText = (first: number, end: number, tail: string) => {
    const entries = files.slice(first, end).map((name, index) => toEntry(name, first + index))
    const head = `#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${first}\n`
    return `${head}${entries.join('')}${tail}`
  }
  return {
    dir,
    /** What it has logged so far. */
    problems,
    follow(pulse: boolean) {
      conversion = createConversion({
        dir,
        classId: 'cls_a',
        runId,
        now: () => begin,
        pulse,
        logger,
        free: Promise.resolve(),
      })
    },
    close: () => conversion?.close(),
    async copy(end = files.length) {
      await mkdir(dir, { recursive: true })
      await Promise.all(files.slice(0, end).map((name) => copyFile(join(from, name), join(dir, name))))
    },
    /** The playlist of all segments below `end`, or of the newest from `first` on. */
    async list(name: 'index.m3u8' | 'live.m3u8', first = 0, end = files.length, tail = '') {
      await mkdir(dir, { recursive: true })
      await writeFile(join(dir, name), toText(first, end, tail))
    },
    lines: () => readLines(join(dir, 'journal.ndjson')),
    /** Init and segments as a player appends them. */
    async media(variant: 'main' | 'audio'): Promise<Buffer> {
      const lines = await readLines(join(dir, 'journal.ndjson'))
      const names = lines
        .filter((line) => line.variant === variant && line.t !== 'part')
        .map(({ file }) => file ?? '')
      return Buffer.concat(await Promise.all(names.map((name) => readFile(join(dir, name)))))
    },
  }
}

type Line = { t: string; variant?: string; file?: string; reason?: string; lead?: number; pdt?: number }

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

export type Packet = { stream: 'audio' | 'video'; pts: number }

/** Presentation times of what ffmpeg reads in a file. */
export async function readPackets(path: string): Promise<Packet[]> {
  const fields = 'packet=codec_type,pts_time'
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', fields, '-of', 'csv=p=0', path])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(','))
    .map(([stream, pts]) => ({ stream: stream as Packet['stream'], pts: Number(pts) }))
}

/** Of the first sound in a file, as its init segment says: without it browsers do not take it. */
export async function readSoundProfile(path: string): Promise<string> {
  const args = ['-v', 'error', '-select_streams', 'a:0', '-show_entries', 'stream=profile', '-of', 'csv=p=0']
  const { stdout } = await run('ffprobe', [...args, path])
  return stdout.trim()
}

/** What ffmpeg says against a file when it decodes all of it. */
export async function decode(path: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-'])
  return stderr
}
