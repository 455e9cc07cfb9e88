import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SOUND_HZ = 48_000
const OUTPUT_BYTES = 256 * 1024 * 1024

/** A beep has half of full scale, a pause nothing but the codec's noise. */
const LOUD = 0.1
const QUIET_SECONDS = 0.3
/** Flashes are white on black (235 and 16). */
const BRIGHT = 125
/** A flash and a beep of the same second are nearer to each other than this. */
const SAME_SECONDS = 0.4

export type SegmentLine = { t: string; variant: string; init: number; discontinuity: boolean; file: string }

/** Of each flash in the segments of a variant that `pick` leaves: how many ms it comes after its beep. */
export async function offsetsOf(
  runDir: string,
  variant: string,
  pick = (segments: SegmentLine[]) => segments,
): Promise<number[]> {
  const lines = (await readFile(join(runDir, 'journal.ndjson'), 'utf8')).trimEnd().split('\n')
  const segments = lines
    .map((line): SegmentLine => JSON.parse(line))
    .filter((line) => line.t === 'segment' && line.variant === variant)
  const stretches: SegmentLine[][] = []
  for (const segment of pick(segments)) {
    const last = stretches.at(-1)
    if (last && !segment.discontinuity) last.push(segment)
    else stretches.push([segment])
  }
  const offsets: number[] = []
  for (const stretch of stretches) {
    const files = [`${variant}-init-${stretch[0]?.init}.mp4`, ...stretch.map(({ file }) => file)]
    const path = join(runDir, 'stretch.mp4')
    await writeFile(path, Buffer.concat(await Promise.all(files.map((file) => readFile(join(runDir, file))))))
    const beeps = await beepsOf(path)
    for (const flash of await flashesOf(path)) {
      const beep = beeps.find((at) => Math.abs(at - flash) < SAME_SECONDS)
      if (beep !== undefined) offsets.push((flash - beep) * 1000)
    }
  }
  return offsets
}

/** When pictures turn bright, in seconds of the file's own time. */
async function flashesOf(path: string): Promise<number[]> {
  const filter = 'signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-'
  const passing = ['-fps_mode', 'passthrough', '-f', 'null', '-']
  const reading = ['-v', 'error', '-copyts', '-i', path, '-map', '0:v', '-vf', filter, ...passing]
  const { stdout } = await run('ffmpeg', reading, { maxBuffer: OUTPUT_BYTES })
  const flashes: number[] = []
  let bright = true
  for (const [, at, level] of stdout.matchAll(/pts_time:([\d.]+)\s+lavfi\.signalstats\.YAVG=([\d.]+)/g)) {
    if (Number(level) > BRIGHT && !bright) flashes.push(Number(at))
    bright = Number(level) > BRIGHT
  }
  return flashes
}

/** When it turns loud, in seconds of the file's own time. */
async function beepsOf(path: string): Promise<number[]> {
  const probing = [
    '-v',
    'error',
    '-select_streams',
    'a',
    '-show_entries',
    'packet=pts_time',
    '-of',
    'csv=p=0',
  ]
  const { stdout } = await run('ffprobe', [...probing, '-read_intervals', '%+#1', path])
  const start = Number.parseFloat(stdout)
  const decoding = ['-v', 'error', '-i', path, '-map', '0:a', '-ac', '1', '-f', 'f32le', '-']
  const decoded = await run('ffmpeg', decoding, { encoding: 'buffer', maxBuffer: OUTPUT_BYTES })
  const samples = new Float32Array(decoded.stdout.buffer.slice(decoded.stdout.byteOffset))
  const beeps: number[] = []
  let loudAt = 0
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i] ?? 0) < LOUD) continue
    if (i - loudAt > QUIET_SECONDS * SOUND_HZ) beeps.push(start + i / SOUND_HZ)
    loudAt = i
  }
  return beeps
}
