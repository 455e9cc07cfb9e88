import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { toInput } from './fragment'

/** What a sample of the picture says; `alive` also where nothing can be said. */
export type PictureState = 'alive' | 'black' | 'frozen' | 'foreign'

/** Small enough to compare in no time; the heartbeat is seen apart from it, at its own size. */
const WIDTH = 64
const HEIGHT = 36
const PULSE = 8
/** Above what coding adds to a picture that is black. */
const BLACK_BELOW = 24
/** Of the whole picture, on average: below is noise of coding. */
const SAME_BELOW = 0.5
/**
 * The lower right corner of the composite page goes round a circle of red and blue (parts of 255) once in twice the
 * time between two samples: neighbours lie opposite each other, whatever the phase. `app/composite/pulse.tsx` paints it.
 */
const PULSE_CENTRE = 80
const PULSE_RADIUS = 64
/** What coding and colour conversion do to it. */
const PULSE_TOLERANCE = 32
/** Opposite points are eight times as far from each other, those of neighbouring segments twice. */
const MOVED_AT_LEAST = PULSE_RADIUS / 4
/** So many samples in a row say the same before it counts: a page may start in black. */
const SAMPLES = 3

export type Sample = { luma: Buffer; corner: readonly [number, number, number] }

/** One frame of a segment, by ffmpeg. Null: it has no picture. */
export async function takeSample(path: string): Promise<Sample | null> {
  const filters = [
    `[0:v]split[a][b]`,
    `[a]scale=${WIDTH}:${HEIGHT},format=gray[luma]`,
    `[b]crop=${PULSE}:${PULSE}:iw-${PULSE}:ih-${PULSE},scale=1:1:flags=area,format=rgb24[corner]`,
  ].join(';')
  const raw = ['-frames:v', '1', '-f', 'rawvideo']
  const args = ['-map', '[luma]', ...raw, 'pipe:1', '-map', '[corner]', ...raw, 'pipe:3']
  const child = spawn(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'error', ...toInput(path), '-filter_complex', filters, ...args],
    { stdio: ['ignore', 'pipe', 'ignore', 'pipe'], timeout: 5_000, killSignal: 'SIGKILL' },
  )
  // Where no descriptor is left there are no pipes: its error comes instead.
  await once(child, 'spawn')
  const chunks: Record<1 | 3, Buffer[]> = { 1: [], 3: [] }
  for (const pipe of [1, 3] as const) child.stdio[pipe]?.on('data', (chunk) => chunks[pipe].push(chunk))
  await once(child, 'close')
  const luma = Buffer.concat(chunks[1])
  const [red = 0, green = 0, blue = 0] = Buffer.concat(chunks[3])
  return luma.length === WIDTH * HEIGHT ? { luma, corner: [red, green, blue] } : null
}

/** Judges samples one after another. `pulse`: the page is ours, and shows that it lives. */
export function createPictureCheck(pulse: boolean) {
  let last: Sample | null = null
  let state: PictureState = 'alive'
  let times = 0
  return {
    take(sample: Sample): PictureState {
      const found = judge(sample, last, pulse)
      times = found === state ? times + 1 : 1
      state = found
      last = sample
      return times >= SAMPLES ? state : 'alive'
    },
    /**
     * The last sample was of a dead picture: the next ones are worth a look at once. Not so stillness, which a busy
     * machine brings about for seconds.
     */
    doubts: () => state === 'black' || state === 'foreign',
  }
}

function judge(sample: Sample, last: Sample | null, pulse: boolean): PictureState {
  if (Math.max(...sample.luma) < BLACK_BELOW && !isPulse(sample)) return 'black'
  if (pulse && !isPulse(sample)) return 'foreign'
  // A slide may stand still for minutes: only where something must move is stillness a fault.
  if (pulse && last && isSame(sample, last)) return 'frozen'
  return 'alive'
}

function isPulse({ corner: [red, green, blue] }: Sample): boolean {
  const radius = Math.hypot(red - PULSE_CENTRE, blue - PULSE_CENTRE)
  return Math.abs(radius - PULSE_RADIUS) < PULSE_TOLERANCE && green < PULSE_CENTRE
}

function isSame(a: Sample, b: Sample): boolean {
  const moved = Math.hypot(a.corner[0] - b.corner[0], a.corner[2] - b.corner[2])
  const sum = a.luma.reduce((total, value, index) => total + Math.abs(value - (b.luma[index] ?? 0)), 0)
  return moved < MOVED_AT_LEAST && sum / a.luma.length < SAME_BELOW
}
