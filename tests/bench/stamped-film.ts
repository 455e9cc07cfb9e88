import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Film, Layer } from '../support/go-publisher'

const run = promisify(execFile)
/** Far above any delay; the milliseconds of it are in `BITS`. */
export const FILM_SECONDS = 16
const BITS = 14
const SIZE = { width: 1280, height: 720 }
/** As `readStamps` looks for them. */
const CELL = { width: 120, height: 110, margin: 40, columns: 8 }

/** Moving pictures with the time since their begin as `stamp.ts` draws it, in layers that share their key frames. */
export async function makeStampedFilms(dir: string, layers: readonly Layer[]): Promise<Film[]> {
  const films = layers.map((layer) => ({ ...layer, path: join(dir, `stamped-${layer.height}.h264`) }))
  const source = `testsrc2=size=${SIZE.width}x${SIZE.height}:rate=30`
  const input = ['-y', '-v', 'error', '-f', 'lavfi', '-i', source]
  const split = `split=${films.length}${films.map((_, i) => `[s${i}]`).join('')}`
  const scales = films.map(({ width, height }, i) => `[s${i}]scale=${width}:${height}[l${i}]`)
  const graph = [[black(), ...bits(), split].join(','), ...scales].join(';')
  const codec = ['-c:v', 'libx264', '-preset', 'superfast', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p']
  const keys = ['-x264-params', 'keyint=60:min-keyint=60:scenecut=0:repeat-headers=1:sliced-threads=0']
  const outputs = films.flatMap(({ bitsPerSecond, path }, i) => {
    const rate = ['-b:v', `${bitsPerSecond}`, '-maxrate', `${bitsPerSecond}`, '-bufsize', `${bitsPerSecond}`]
    return ['-map', `[l${i}]`, '-t', `${FILM_SECONDS}`, ...codec, ...rate, ...keys, '-f', 'h264', path]
  })
  await run('ffmpeg', [...input, '-filter_complex', graph, ...outputs])
  return films
}

function black(): string {
  const rows = 4
  const size = `w=${CELL.width * CELL.columns}:h=${CELL.height * rows}`
  return `drawbox=x=${CELL.margin}:y=${CELL.margin}:${size}:c=black:t=fill`
}

function bits(): string[] {
  return Array.from({ length: BITS }, (_, bit) => {
    const x = (bit % CELL.columns) * CELL.width + CELL.margin
    const y = Math.floor(bit / CELL.columns) * CELL.height + CELL.margin
    const when = `enable='mod(floor(t*1000/${2 ** bit}),2)'`
    return `drawbox=x=${x}:y=${y}:w=${CELL.width}:h=${CELL.height}:c=white:t=fill:${when}`
  })
}

const LOOK = { width: 320, height: 180 }

/** The stamp of the first picture of a file, ms; null: there is none to be read. */
export async function readFirstStamp(path: string): Promise<number | null> {
  const filter = `scale=${LOOK.width}:${LOOK.height}:flags=area,format=gray`
  const args = ['-v', 'error', '-i', path, '-frames:v', '1', '-vf', filter, '-f', 'rawvideo', 'pipe:1']
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer' })
  if (stdout.length !== LOOK.width * LOOK.height) return null
  const scale = SIZE.width / LOOK.width
  let stamp = 0
  for (let bit = 0; bit < BITS; bit++) {
    const x = ((bit % CELL.columns) * CELL.width + CELL.margin + CELL.width / 2) / scale
    const y = (Math.floor(bit / CELL.columns) * CELL.height + CELL.margin + CELL.height / 2) / scale
    if ((stdout[Math.round(y) * LOOK.width + Math.round(x)] ?? 0) > 128) stamp += 2 ** bit
  }
  return stamp
}
